# SPDX-License-Identifier: MIT OR GPL-2.0-only
# What is installed, and where: `make install`, `make uninstall`; DESTDIR and prefix are honoured. The
# Debian packages take `install-files` from here; their module is made by DKMS.

prefix     ?= /usr
sysconfdir ?= /etc
sbindir    ?= $(prefix)/sbin
datadir    ?= $(prefix)/share
includedir ?= $(prefix)/include
INSTALL    ?= install
# What the kernel of KDIR calls itself; Debian's headers have another name in include/config.
kernel_release = $$(sed 's/.*"\(.*\)"/\1/' $(KDIR)/include/generated/utsrelease.h)

modprobe_conf := $(DESTDIR)$(sysconfdir)/modprobe.d/luadrv.conf
share         := $(DESTDIR)$(datadir)/luadrv
installed     := $(addprefix $(DESTDIR), $(sbindir)/luadrv $(datadir)/man/man8/luadrv.8 \
	$(datadir)/bash-completion/completions/luadrv $(includedir)/linux/luadrv.h \
	$(prefix)/lib/udev/rules.d/60-luadrv.rules)

.PHONY: install install-module modules_install install-files uninstall deb test-deb

install: install-module command
	$(MAKE) install-files

# Signing is left to the owner of a key (docs/install.md). depmod finds nothing in a staging folder.
install-module modules_install: modules
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) INSTALL_MOD_DIR=updates CONFIG_MODULE_SIG_ALL= modules_install
	[ -n "$(DESTDIR)" ] || depmod "$(kernel_release)"

# A modprobe.conf that somebody has changed stays.
install-files:
	$(MAKE) -C command OUT=$(CURDIR)/build
	$(INSTALL) -D -m 755 build/luadrv $(DESTDIR)$(sbindir)/luadrv
	$(INSTALL) -D -m 644 command/luadrv.8 $(DESTDIR)$(datadir)/man/man8/luadrv.8
	$(INSTALL) -D -m 644 command/luadrv.bash $(DESTDIR)$(datadir)/bash-completion/completions/luadrv
	$(INSTALL) -D -m 644 driver/uapi/luadrv.h $(DESTDIR)$(includedir)/linux/luadrv.h
	$(INSTALL) -D -m 644 tools/install/60-luadrv.rules $(DESTDIR)$(prefix)/lib/udev/rules.d/60-luadrv.rules
	[ -e $(modprobe_conf) ] || $(INSTALL) -D -m 644 tools/install/modprobe.conf $(modprobe_conf)
	$(INSTALL) -d $(share)/examples
	$(INSTALL) -m 644 $(wildcard examples/*.lua) $(share)/examples

# Folders of the system's go only where they were staged and are empty; $(share) is ours.
uninstall:
	rm -f $(installed)
	! cmp -s tools/install/modprobe.conf $(modprobe_conf) || rm -f $(modprobe_conf)
	rm -f $(patsubst %,$(share)/%,$(wildcard examples/*.lua))
	[ ! -d $(share) ] || rmdir --ignore-fail-on-non-empty $(share)/examples $(share)
	rm -f $(DESTDIR)/lib/modules/$(kernel_release)/updates/luadrv.ko*
	[ -n "$(DESTDIR)" ] || depmod "$(kernel_release)"

deb:
	@tools/make-deb

test-deb:
	@tools/test-deb $(T)
