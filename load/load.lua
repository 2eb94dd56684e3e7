-- SPDX-License-Identifier: MIT OR GPL-2.0-only

--- To come.
-- @module load

local _, core = ...
return { histogram = core.histogram }
