// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* The one place where the tracepoints are made. */
#define CREATE_TRACE_POINTS
#include "driver/trace.h"
