# SPDX-License-Identifier: MIT OR GPL-2.0-only
"""What tests/run is made of."""
