# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# `make help` lists what there is. A folder with a .bpf.c is a tool: adding one needs no edit.

VERSION := 0.1.0

O ?= build
# One spelling for one folder: the compilers write it into their lists of headers.
override O := $(patsubst $(CURDIR)/%,%,$(abspath $(O)))
prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
mandir ?= $(prefix)/share/man
CFLAGS ?= -O2 -g
CLANG ?= clang
TOOL ?= execsnoop
TESTS ?= all
KERNELS ?=

# CC has a default inside make, so ?= would not see that nobody chose it.
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
AR := $(if $(filter default,$(origin AR)),$(CROSS_COMPILE)ar,$(AR))

# A user's PATH often lacks sbin, where bpftool lives; Ubuntu hides it behind a wrapper that
# refuses kernels it does not know. It runs on the building machine, so it is never cross-built.
ifeq ($(origin BPFTOOL),undefined)
BPFTOOL := $(shell for b in $$(PATH=$$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v bpftool) \
	/usr/lib/linux-tools/*/bpftool /usr/lib/linux-tools-*/bpftool; do \
	"$$b" version >/dev/null 2>&1 && echo "$$b" && break; done)
endif

# The target: `cc -dumpmachine` begins with the machine, libbpf's macros want the kernel's name.
ARCH_x86_64 := x86
ARCH_aarch64 := arm64
ARCH_riscv64 := riscv
ARCH_s390x := s390
ARCH_powerpc64le := powerpc
TRIPLET := $(shell $(CC) -dumpmachine 2>/dev/null)
ARCH ?= $(ARCH_$(firstword $(subst -, ,$(TRIPLET))))

# Cross: the distribution's prefixed pkg-config, else its multiarch folder.
ifeq ($(origin PKG_CONFIG),undefined)
PKG_CONFIG := pkg-config
ifneq ($(CROSS_COMPILE),)
PKG_CONFIG := $(or $(shell command -v $(CROSS_COMPILE)pkg-config), \
	PKG_CONFIG_LIBDIR=/usr/lib/$(TRIPLET)/pkgconfig:/usr/share/pkgconfig pkg-config)
endif
endif
LIBS_CFLAGS := $(shell $(PKG_CONFIG) --cflags libbpf libelf zlib 2>/dev/null)
LIBS := $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs libbpf libelf zlib 2>/dev/null)
LIBBPF_INCLUDE := $(shell $(PKG_CONFIG) --variable=includedir libbpf 2>/dev/null)
# common/probe: unpacking, readable names, and threads that detach (glibc before 2.34);
# libiberty has no file for pkg-config
PROBE_LIBS := $(shell $(PKG_CONFIG) --libs liblzma 2>/dev/null) -liberty -pthread

ifneq ($(V),1)
Q := @
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS))),,@printf '  %-8s%s\n' $(1) $(2))
endif

# "bpf/x.h" is ours, <bpf/x.h> is libbpf's: our folders are searched for quoted names only.
INCLUDES := -iquote common -iquote .
WARN := -Wall -Wextra -Wno-missing-field-initializers -Wstrict-prototypes -Wmissing-prototypes \
	-Werror=implicit-function-declaration -Werror=incompatible-pointer-types
USER_FLAGS := -std=gnu11 -D_GNU_SOURCE= -DVERSION='"$(VERSION)"' $(WARN) $(if $(WERROR),-Werror) \
	-ffunction-sections -fdata-sections $(INCLUDES) $(LIBS_CFLAGS)
LINK_FLAGS := -Wl,--gc-sections -Wl,--as-needed -Wl,--compress-debug-sections=zlib $(if $(STATIC),-static)

# The BPF side sees libbpf's headers and ours, no libc and no asm headers of this machine.
BPF_FLAGS := -target bpf -mcpu=v3 -O2 -g -Wall -Werror -nostdinc -D__TARGET_ARCH_$(ARCH) \
	-iquote vmlinux $(INCLUDES) -isystem $(LIBBPF_INCLUDE)

ASAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

TOOLS := $(sort $(patsubst %/,%,$(dir $(wildcard */*.bpf.c))))
COMMON := $(filter-out %.bpf.c,$(wildcard common/*.c common/*/*.c))
UNITS := $(patsubst tests/unit/%.c,$(O)/asan/%,$(wildcard tests/unit/test-*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(O)/asan/fuzz-%,$(wildcard tests/fuzz/*.c))
WORKLOADS := $(patsubst tests/workload/%.c,$(O)/workload/%,$(wildcard tests/workload/*.c))
# Freestanding 32-bit programs; an architecture without a way to make them goes without.
ifeq ($(filter x86 arm64,$(ARCH)),)
WORKLOADS := $(filter-out %32,$(WORKLOADS))
endif

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help deps run check check-unit check-host check-guest check-fresh bench unit workload \
	expr vmlinux vmlinux-check syscall-table libctypes install uninstall clean FORCE $(TOOLS)

all: $(TOOLS)

help:
	@echo 'make                 build every tool into $(O)/bin ($(TOOLS))'
	@echo 'make run             install what the build needs, build, run TOOL=execsnoop ARGS='
	@echo 'make check           install what the tests need, build, run all tests'
	@echo 'make check-unit      the tests that need neither root nor network'
	@echo 'make check-host      the tool tests on the running kernel (root)'
	@echo 'make check-guest     the tool tests in guests, KERNELS="5.10 6.1 6.12/arm64 ..."'
	@echo 'make check-fresh     the two commands of the README in a fresh minimal root (root)'
	@echo 'make bench           measure speed and memory beside other tools (root)'
	@echo 'make deps            install what the build needs'
	@echo 'make vmlinux         the running kernel'\''s types into $(O)/vmlinux.h'
	@echo 'make install         DESTDIR= prefix=$(prefix) TOOL_PREFIX= TOOL_SUFFIX= INSTALL_STRIP=1'
	@echo 'make uninstall       with the same variables'
	@echo 'make clean           remove $(O)'
	@echo 'Variables: O= V=1 CC= CLANG= BPFTOOL= PKG_CONFIG= CFLAGS= LDFLAGS= WERROR=1 STATIC=1'
	@echo '           CROSS_COMPILE=aarch64-linux-gnu- ARCH='

# --- settings: what everything is built with, and the look whether it is there ------------

# Everything depends on this file. It changes when a compiler, a library or a flag does.
SETTINGS := $(strip $(shell for p in $(firstword $(CC)) $(CLANG) $(BPFTOOL); do command -v $$p; done) $(ARCH) \
	$(CFLAGS) $(LDFLAGS) $(USER_FLAGS) $(LINK_FLAGS) $(BPF_FLAGS) $(LIBS))
ifneq ($(SETTINGS),$(strip $(file <$(O)/settings)))
$(O)/settings: FORCE
endif

$(O)/settings: export settings = $(SETTINGS)
$(O)/settings:
	@bad=; need() { what=$$1 package=$$2; shift 2; "$$@" >/dev/null 2>&1 || { bad=1; \
		echo "missing: $$what (Debian package $$package; sudo make deps installs it)" >&2; }; }; \
	pc() { $(PKG_CONFIG) "$$@"; }; \
	new_clang() { v=$$($(CLANG) -dumpversion) && [ "$${v%%.*}" -ge 12 ]; }; \
	need 'C compiler $(CC)' '$(if $(CROSS_COMPILE),gcc-$(CROSS_COMPILE:%-=%),gcc)' $(CC) --version; \
	need '$(CLANG), version 12 or newer' clang new_clang; \
	need '$(or $(BPFTOOL),bpftool)' bpftool $(or $(BPFTOOL),false) version; \
	need pkg-config pkg-config command -v $(lastword $(PKG_CONFIG)); \
	need 'libbpf, version 1.0 or newer$(if $(CROSS_COMPILE), for $(TRIPLET))' libbpf-dev \
		pc --atleast-version=1.0 libbpf; \
	need 'libelf$(if $(CROSS_COMPILE), for $(TRIPLET))' libelf-dev pc --exists libelf; \
	need 'zlib$(if $(CROSS_COMPILE), for $(TRIPLET))' zlib1g-dev pc --exists zlib; \
	need 'liblzma$(if $(CROSS_COMPILE), for $(TRIPLET))' liblzma-dev pc --exists liblzma; \
	need elfutils/libdw.h libdw-dev sh -c 'echo "#include <elfutils/libdw.h>" | $(CC) -E -'; \
	need 'libiberty$(if $(CROSS_COMPILE), for $(TRIPLET))' libiberty-dev \
		test -e "$$($(CC) -print-file-name=libiberty.a)"; \
	[ -n '$(ARCH)' ] || { bad=1; \
		echo "unknown target '$(TRIPLET)': say ARCH=x86, arm64, riscv, s390 or powerpc" >&2; }; \
	[ -z "$$bad" ]
	@mkdir -p $(O)
	@printf '%s\n' "$$settings" > $@

# --- tools ---------------------------------------------------------------------------------

$(O)/%.bpf.o: %.bpf.c $(O)/settings
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_FLAGS) -MMD -MP -MT $@ -MF $(@:.o=.d) -c $< -o $(@:.o=.tmp.o)
	$(Q)$(BPFTOOL) gen object $@ $(@:.o=.tmp.o)
	@rm $(@:.o=.tmp.o)

$(O)/%.skel.h: $(O)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(notdir $*)_bpf > $@

$(O)/%.o: %.c $(O)/settings
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_FLAGS) -iquote $(O)/$(*D) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# Names and numbers of the target's system calls, from its headers.
$(O)/syscall-table.h: $(O)/settings
	$(call say,GEN,$@)
	$(Q)echo '#include <asm/unistd.h>' | $(CC) $(CPPFLAGS) -E -dM - | LC_ALL=C sort | \
		sed -n 's/^#define __NR_\([a-z][a-z0-9_]*\) .*/{ "\1", __NR_\1 },/p' > $@

syscall-table: $(O)/syscall-table.h
$(O)/common/probe/syscalls.o $(O)/asan/common/probe/syscalls.o: $(O)/syscall-table.h
$(O)/common/probe/syscalls.o $(O)/asan/common/probe/syscalls.o: USER_FLAGS += -iquote $(O)

# libc's types, preprocessed by the target's compiler with its own headers, and made BTF by clang.
# The headers are shown the GCC that clang says it is: they use what newer ones know.
$(O)/libctypes-bytes.h: common/expr/libctypes.types.h $(O)/settings
	$(call say,GEN,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE= $(CPPFLAGS) -E -P -U__GNUC__ -D__GNUC__=4 \
		-U__GNUC_MINOR__ -D__GNUC_MINOR__=2 -MD -MP -MT $@ -MF $(@:.h=.d) -x c $< -o $(@:.h=.i)
	$(Q)$(CLANG) -target bpf -g -w -x cpp-output -c $(@:.h=.i) -o $(@:.h=.tmp.o) \
		$$(echo | $(CC) -dM -E - | sed -n 's/.*__CHAR_UNSIGNED__.*/-funsigned-char/p')
	$(Q)$(BPFTOOL) gen object $(@:.h=.o) $(@:.h=.tmp.o)
	$(Q)od -An -v -tx1 $(@:.h=.o) | sed 's/ \(..\)/0x\1,/g' > $@
	@rm $(@:.h=.i) $(@:.h=.tmp.o) $(@:.h=.o)

libctypes: $(O)/libctypes-bytes.h
$(O)/common/expr/libctypes.o $(O)/asan/common/expr/libctypes.o: $(O)/libctypes-bytes.h
$(O)/common/expr/libctypes.o $(O)/asan/common/expr/libctypes.o: USER_FLAGS += -iquote $(O)

# Made anew each time: ar would keep the members whose source has gone.
$(O)/libcommon.a: $(COMMON:%.c=$(O)/%.o)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

define tool
$(1): $(O)/bin/$(1)
$(1)_OBJS := $$(patsubst %.c,$(O)/%.o,$$(filter-out %.bpf.c,$$(wildcard $(1)/*.c)))
$$($(1)_OBJS): | $(O)/$(1)/$(1).skel.h
$(O)/bin/$(1): $$($(1)_OBJS) $(O)/libcommon.a
endef
$(foreach t,$(TOOLS),$(eval $(call tool,$(t))))

$(TOOLS:%=$(O)/bin/%):
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LINK_FLAGS) $^ $(LIBS) $(PROBE_LIBS) -o $@

# --- programs of the tests -----------------------------------------------------------------

unit: $(UNITS) $(FUZZERS)
workload: $(WORKLOADS)

$(O)/asan/%.o: %.c $(O)/settings
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(USER_FLAGS) $(CFLAGS) $(ASAN_FLAGS) -MMD -MP -c $< -o $@

# This module needs its tool's skeleton.
$(O)/asan/tests/unit/test-counts.o: USER_FLAGS += -iquote $(O)/funccount
$(O)/asan/tests/unit/test-counts.o: | $(O)/funccount/funccount.skel.h

$(O)/asan/libcommon.a: $(COMMON:%.c=$(O)/asan/%.o)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(UNITS): $(O)/asan/%: $(O)/asan/tests/unit/%.o $(O)/asan/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ASAN_FLAGS) $(LDFLAGS) $^ $(LIBS) $(PROBE_LIBS) -lcmocka -o $@

$(FUZZERS): $(O)/asan/fuzz-%: $(O)/asan/tests/fuzz/%.o $(O)/asan/libcommon.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(ASAN_FLAGS) $(LDFLAGS) $^ $(LIBS) $(PROBE_LIBS) -o $@

# Static: few opens of their own, and any root will do. Some have a library's functions to call.
$(O)/workload/calls $(O)/workload/dist $(O)/workload/stacks $(O)/workload/values: WORKLOAD_LINK :=
$(O)/workload/%: WORKLOAD_LINK := -static
$(O)/workload/%: tests/workload/%.c $(O)/settings
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE= $(WARN) -O1 -g $(WORKLOAD_LINK) -pthread \
		-MMD -MP -MF $@.d -MT $@ $< -o $@

vmlinux-check: $(O)/vmlinux-check
$(O)/vmlinux-check: tests/vmlinux/check.c $(O)/settings
	$(call say,CC,$@)
	$(Q)$(CC) $(USER_FLAGS) $(CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ $< $(LIBS) -o $@

# Expressions of the compiler in common/expr, run by the kernel. What the C compiler makes of them is
# found out on the building machine, with the target's char.
HOSTCC ?= cc
EXPR := $(O)/expr
EXPR_CHAR := $(if $(filter x86,$(ARCH)),-fsigned-char,-funsigned-char)
EXPR_COUNT := 2000

expr: $(addprefix $(EXPR)/,random fixed types.o generate answers)

$(EXPR)/random $(EXPR)/fixed: $(EXPR)/%: $(O)/tests/expr/%.o $(O)/tests/expr/compile.o \
	$(O)/tests/expr/program.o $(O)/libcommon.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(LINK_FLAGS) $(filter %.o,$^) $(filter %.a,$^) $(LIBS) $(PROBE_LIBS) -o $@
$(EXPR)/fixed: $(O)/tests/expr/strings.o $(O)/tests/expr/values.o

$(EXPR)/types.o: tests/expr/types.c tests/expr/world.h $(O)/settings
	$(call say,BTF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -g -O2 $(EXPR_CHAR) -iquote . -c $< -o $@

$(EXPR)/generate: tests/expr/generate.c tests/expr/world.h $(O)/settings
	$(call say,HOSTCC,$@)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=gnu11 $(WARN) -O1 -iquote . $< -o $@

# Those that guests run: they have no compiler.
$(EXPR)/answers: $(EXPR)/generate tests/expr/reference.h tests/expr/world.h
	$(call say,GEN,$@)
	$(Q)$< $(EXPR_COUNT) 1 $(EXPR)/texts $(EXPR)/reference.c
	$(Q)$(CLANG) -std=gnu11 -O1 -fwrapv $(EXPR_CHAR) -w -iquote . $(EXPR)/reference.c -o $(EXPR)/reference
	$(Q)$(EXPR)/reference > $@

FREESTANDING := -std=gnu11 -O1 -Wall -ffreestanding -fno-pic -fno-stack-protector
$(O)/workload/%32: tests/workload/%32.c $(O)/settings
	$(call say,CC32,$@)
	@mkdir -p $(@D)
ifeq ($(ARCH),arm64)
	$(Q)$(CLANG) --target=armv7a-linux-gnueabi $(FREESTANDING) -MMD -MP -MF $@.d -MT $@ -c $< -o $@.o
	$(Q)arm-linux-gnueabi-ld -static $@.o -o $@
else
	$(Q)$(CC) -m32 $(FREESTANDING) -nostdlib -static -no-pie -MMD -MP -MF $@.d -MT $@ $< -o $@
endif

# --- for people ----------------------------------------------------------------------------

deps:
	packaging/deps build

# After sudo, what was built belongs to the user who will say plain make next time.
give_back = { [ -z "$$SUDO_UID" ] || \
	chown -hR "$$SUDO_UID:$$SUDO_GID" $(O) $(O)-arm64 2>/dev/null || true; }

run:
	@packaging/deps build
	@$(MAKE) --no-print-directory $(TOOL)
	@$(give_back)
	@exec $(O)/bin/$(TOOL) $(ARGS)

RUN_TESTS = O='$(O)' MAKE='$(MAKE)' KERNELS='$(KERNELS)' tests/run

check:
	@packaging/deps check $(TESTS)
	@$(MAKE) --no-print-directory all
	@status=0; $(RUN_TESTS) $(TESTS) || status=1; $(give_back); exit $$status

check-unit check-host check-guest check-fresh: check-%: all
	@$(RUN_TESTS) $*

bench:
	@packaging/deps bench
	@$(MAKE) --no-print-directory all workload
	@O='$(O)' tests/bench/run $(ARGS)

vmlinux: $(O)/vmlinux.h
$(O)/vmlinux.h: FORCE
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) btf dump file /sys/kernel/btf/vmlinux format c > $@
	@echo $@

installed = $(DESTDIR)$(sbindir)/$(TOOL_PREFIX)$(1)$(TOOL_SUFFIX)
installed_man = $(DESTDIR)$(mandir)/man8/$(TOOL_PREFIX)$(1)$(TOOL_SUFFIX).8

install: all
	$(Q)install -d '$(DESTDIR)$(sbindir)' '$(DESTDIR)$(mandir)/man8'
	$(Q)$(foreach t,$(TOOLS),install -m 755 $(if $(INSTALL_STRIP),-s \
		--strip-program=$(CROSS_COMPILE)strip) $(O)/bin/$(t) '$(call installed,$(t))' && \
		install -m 644 $(t)/$(t).8 '$(call installed_man,$(t))' &&) :

uninstall:
	$(Q)rm -f $(foreach t,$(TOOLS),'$(call installed,$(t))' '$(call installed_man,$(t))')

clean:
	$(Q)rm -rf $(O)

-include $(wildcard $(O)/*.d $(O)/*/*.d $(O)/*/*/*.d $(O)/*/*/*/*.d)
