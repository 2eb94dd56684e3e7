--! fuzz
-- Finalizers that collect garbage while the state is closed: an endless loop in the collector.
local kept, left = {}, 1023
for i = 1, left do setmetatable({}, { __gc = function() left = left - 1 end }) end
while left > 0 do collectgarbage("step", 0) end
for i = 1, 2 do kept[i] = setmetatable({}, { __gc = function() collectgarbage() end }) end
