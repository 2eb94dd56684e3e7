insmod build/uml/out/luadrv.ko 2>/dev/null || insmod $(find / -name luadrv.ko 2>/dev/null | head -1)
ip link set lo up
for f in "$@"; do echo "== $f"; timeout 30 luadrv run examples/load/$f.lua 2>&1 | tail -25; done
[ ! -e .udp.lua ] || luadrv run .udp.lua
