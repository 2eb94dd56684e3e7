# SPDX-License-Identifier: MIT OR GPL-2.0-only
# The front door; Kbuild says what the module is made of. `make help` lists what there is.

K       ?= 6.1
T       ?=
TIMEOUT ?= 3600
KDIR    ?= /lib/modules/$(shell uname -r)/build

.PHONY: modules command test bench bench-flame bench-tunnels bench-lua bench-poll bench-async bench-load test-all clean-cache sweep ci coverage check soak fuzz fuzz-bytes check-bytes demo demo-shell docs deps clean help

modules:
	@[ -d "$(KDIR)" ] || { echo "$(KDIR) is missing: apt install linux-headers-$$(uname -r)"; exit 1; }
	@! command -v apt-get >/dev/null || tools/vm.d/deps lua
	@tools/fetch-lua lua/upstream
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

command:
	@tools/build-command

test:
	@tools/vm --kernel $(K) --timeout $(TIMEOUT) -- tests/run $(T) </dev/null

coverage:
	@tools/vm.d/deps coverage
	@tools/coverage tests/run $(T)

ci:
	@.ci/run $(T)

sweep:
	@tools/vm --kernel $(K) --timeout 20000 -- env STEP=1 tests/run $(or $(T),faults) </dev/null

# K is what the command line gave, if it gave one: without, all kernels.
test-all:
	@tools/vm.d/deps ci
	@tools/test-all $(if $(filter command line,$(origin K)),--kernels "$(K)") $(T)

check:
	@tools/vm.d/deps check module command
	@tools/check $(T)

fuzz:
	@tools/vm.d/deps vm fuzz
	@tests/fuzz/fuzz -k $(K) $(if $(SEED),-s $(SEED)) $(if $(SCRIPT),-n $(SCRIPT),$(or $(F),$(T),60))

fuzz-bytes:
	@tools/vm.d/deps fuzz-bytes
	@tests/fuzz/bytes/run -t $(or $(T),60) $(TARGET)

check-bytes:
	@tools/vm.d/deps fuzz-bytes
	@tests/fuzz/bytes/run $(TARGET)

bench:
	@tools/vm.d/deps vm bench
	@tools/bench-proxy --kernel $(K) $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(GOALS),--goals) $(T) </dev/null

bench-flame:
	@tools/vm.d/deps vm bench
	@tools/bench-flame --kernel $(K) $(if $(PEER),--peer $(PEER)) $(T) </dev/null

bench-tunnels:
	@tools/vm.d/deps vm bench
	@$(MAKE) -s -C benchmarks/proxy OUT=$(CURDIR)/build/bench/proxy
	@tools/vm --kernel $(K) --icount --cx16 --packages bench --memory 512 --timeout 3000 \
		--share build/bench/proxy -- benchmarks/proxy/tunnels $(T) </dev/null

bench-lua:
	@tools/bench --kernel $(K) $(T) </dev/null

bench-poll:
	@tools/vm --kernel $(K) --icount --timeout 3000 -- benchmarks/poll/run $(T) </dev/null

bench-async:
	@tools/vm --kernel $(K) --icount --timeout 3000 -- benchmarks/async/run $(T) </dev/null

bench-load:
	@tools/vm.d/deps vm bench
	@$(MAKE) -s -C benchmarks/load OUT=$(CURDIR)/build/bench/load
	@tools/vm --kernel $(K) --icount --cx16 --packages load --share build/bench/load --timeout 3000 \
		-- benchmarks/load/run $(T) </dev/null

soak: K = debug
soak: T = 600
soak:
	@tools/vm --kernel $(K) --timeout $$(($(T) * 3 + 900)) -- tests/soak --time $(T) $(if $(SEED),--seed $(SEED)) </dev/null

demo:
	@tools/demo

demo-shell:
	@tools/demo --shell

docs:
	@tools/vm.d/deps docs
	@tools/build-docs

include tools/install/install.mk

deps:
	@tools/vm.d/deps vm module command demo

clean:
	rm -rf build docs/api lua/upstream
	[ ! -d "$(KDIR)" ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean

clean-cache:
	@tools/vm.d/clean-cache

help:
	@echo 'make            build luadrv.ko for the running kernel (KDIR=... for another one)'
	@echo 'make command    build the command, as build/luadrv'
	@echo 'make test       run the tests in a virtual machine: T="suite..." some, K=NAME on another kernel'
	@echo '                (NAME is a file of tools/kernels; debug finds bugs), TIMEOUT=seconds'
	@echo 'make coverage   which lines and branches the tests reach; T="suite..." some tests'
	@echo 'make ci         all that must pass: checks, 6.1, debug in its three boots, a little on every kernel'
	@echo 'make sweep      the suite faults with every single allocation failing (make test takes some): K=NAME'
	@echo 'make test-all   run them on every kernel and print one table: T= as above, K="NAME..." some kernels,'
	@echo '                T=--smoke a few tests of each suite'
	@echo 'make check      warnings, linters and the rules of this project; T="check..." some of them'
	@echo 'make bench      the proxy against others and against none: tables, and plots in build/bench/report.html'
	@echo '                T="quick", or some peers and measures, ROUNDS=N, GOALS=1 fails if a goal is missed, K=NAME'
	@echo 'make bench-flame what the machine does under the load of a proxy, as build/bench/flame.html: PEER=NAME,'
	@echo '                T="large upload connect echo", K=NAME'
	@echo 'make bench-tunnels 10,000 tunnels open at once in a machine of 512 MB: T=number, K=NAME'
	@echo 'make bench-poll what a wait in a poll set costs, by how many sockets are in it: K=NAME, T="members..."'
	@echo 'make bench-async what an event costs a task, by how many others wait: K=NAME, T="connections..."'
	@echo 'make bench-load the workloads of load, without hooks and with, against iperf3, wrk, ab and a loop of epoll:'
	@echo '                K=NAME, T="workload..."'
	@echo 'make soak       the proxy under 200 bad clients, on the debug kernel: T=seconds, SEED=, K=NAME'
	@echo 'make fuzz       generated Lua programs for T=60 seconds, K=NAME, SEED=number; with SCRIPT=number'
	@echo '                one of them again; F=FILE: that file, made small if it fails'
	@echo 'make fuzz-bytes fuzz in user space what takes bytes from outside: T=seconds for each target,'
	@echo '                TARGET="data..." some; make check-bytes only runs the inputs of the repository'
	@echo 'make bench-lua  how fast Lua is in the kernel, against lua5.3 in the same machine: K=NAME, T="benchmark..."'
	@echo 'make demo       a SOCKS4 proxy in the kernel of a virtual machine, with curl through it'
	@echo 'make demo-shell a shell in that machine, with the proxy up'
	@echo 'make docs       the reference of the libraries, as docs/api/index.html'
	@echo 'make install    install the module for the running kernel, the command and what belongs to it (DESTDIR=,'
	@echo '                prefix=, KDIR=); make uninstall takes all of it away'
	@echo 'make deb        Debian packages, as build/deb/*.deb: the command, and the module for DKMS'
	@echo 'make test-deb   install them in a virtual machine, change its kernel; T=--quick, T=--emulated'
	@echo 'make deps       install the Debian packages that all this needs (done on demand anyway)'
	@echo 'make clean      remove what was built here; downloads stay in ~/.cache/luadrv'
	@echo 'make clean-cache remove these downloads and everything else that is kept there'
