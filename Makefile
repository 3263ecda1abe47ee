# SPDX-License-Identifier: GPL-2.0-or-later
#
# make          ./iommutop
# make run      build it and start it on this machine
# make test     unit tests, golden screens, walls: seconds, no root, no kernel, no terminal
# make check    test with both compilers and sanitizers, and the virtual machines
# make fuzz-kmsg  random logs, against what reads them: FUZZ_SECONDS=60; so fuzz-tracedat, fuzz-tracetext,
#               fuzz-topology, fuzz-recording
# make bench    what watching costs, beside other tools, in a virtual machine: some ten minutes
# make deps     install what all of this needs (Debian, as root)
# make install  program and manual under $(DESTDIR)$(PREFIX)

ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || cat VERSION 2>/dev/null || echo unknown)

# One tree of objects a variant: B names it, SANITIZE and CC make the difference.
B ?= build/release
SANITIZE ?=
OPTIMISE ?= -O2

PACKAGES := ncursesw libtracefs libtraceevent libpci jansson
# Done without where it is not there: the kernel's type information.
LIBBPF := $(shell pkg-config --exists libbpf 2>/dev/null && echo libbpf)
# Compressed recordings, and zlib for those of trace-cmd.
LIBZSTD := $(shell pkg-config --exists libzstd 2>/dev/null && echo libzstd)
ZLIB := $(shell pkg-config --exists zlib 2>/dev/null && echo zlib)
OPTIONAL := $(LIBBPF) $(LIBZSTD) $(ZLIB)
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) $(OPTIONAL) 2>/dev/null) \
	$(if $(LIBBPF),-DHAVE_LIBBPF) $(if $(LIBZSTD),-DHAVE_LIBZSTD) $(if $(ZLIB),-DHAVE_ZLIB)
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) $(OPTIONAL) 2>/dev/null) -lm

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Werror
# System headers as such: their warnings are not ours to mend.
BASE_CFLAGS := -std=c11 -D_GNU_SOURCE $(OPTIMISE) -g $(WARNINGS) $(SANITIZE) \
	$(patsubst -I%,-isystem %,$(PKG_CFLAGS)) -pthread
ALL_CFLAGS = $(BASE_CFLAGS) $(CFLAGS)

SOURCES := $(wildcard src/*.c src/sources/*.c src/sinks/*.c src/views/*.c)
OBJECTS := $(SOURCES:%.c=$(B)/%.o)
ROOMS := $(filter-out $(B)/src/main.o,$(OBJECTS))
UNIT_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))

ASAN := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer

.PHONY: all run test test-clang test-prometheus variant fuzz-kmsg fuzz-tracedat \
	fuzz-tracetext fuzz-topology fuzz-recording vm vm-6.1 vm-6.12 vm-doctor check check-matrix bench bench-ingest \
	bench-tracedat bench-pipe deps \
	need-deps need-test-deps screenshots map clean install

# In a make of its own: the flags of libraries that need-deps has just installed are read anew.
all: need-deps
	@$(MAKE) --no-print-directory iommutop

iommutop: build/release/iommutop
	@cp $< $@

# V=1 shows the commands.
Q := $(if $(V),,@)

$(B)/iommutop: $(OBJECTS)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/src/options.o: ALL_CFLAGS += -DIOMMUTOP_VERSION='"$(VERSION)"'

$(B)/src/%.o: src/%.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/unit/%_test: tests/unit/%_test.c $(ROOMS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Isrc -o $@ $< $(ROOMS) $(PKG_LIBS) -lcmocka

$(B)/tests/golden/golden: tests/golden/golden.c $(ROOMS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Isrc -o $@ $< $(ROOMS) $(PKG_LIBS)

$(B)/tests/bench/ingest: tests/bench/ingest.c $(ROOMS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Isrc -o $@ $< $(ROOMS) $(PKG_LIBS)

$(B)/tests/bench/tracedat: tests/bench/tracedat.c $(ROOMS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -Isrc -o $@ $< $(ROOMS) $(PKG_LIBS)

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d) $(B)/tests/golden/golden.d \
	$(B)/tests/bench/ingest.d $(B)/tests/bench/tracedat.d

# ---- running ----

SESSION := tests/fixtures/sessions/guest.rec

# On a machine without IOMMU groups there is nothing to see but the recorded session.
run: all
	@if ls -d /sys/kernel/iommu_groups/*/ >/dev/null 2>&1; then \
		exec ./iommutop; \
	else \
		exec ./iommutop --demo; \
	fi

# ---- what it needs ----

DEPS_BUILD := gcc make pkg-config libncurses-dev libtracefs-dev libtraceevent-dev libpci-dev \
	pci.ids libjansson-dev libbpf-dev libzstd-dev zlib1g-dev
DEPS_TEST := clang llvm libclang-rt-dev libcmocka-dev python3-jsonschema tmux pciutils \
	qemu-system-x86 seabios ipxe-qemu busybox-static zstd cpio kmod trace-cmd git

# For check-matrix alone, which installs it where it can, and else skips what stands on it.
DEPS_MATRIX := qemu-system-arm gcc-aarch64-linux-gnu systemd

# What is missing is installed where that can be done (by root), else named.
INSTALL := DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends

need-deps:
	@tests/have build $(CC) $(PACKAGES) || { \
		[ "$$(id -u)" = 0 ] && apt-get update && $(INSTALL) $(DEPS_BUILD); } || { \
		echo "something to build with is missing; as root: make deps" >&2; exit 1; }

need-test-deps:
	@tests/have test || { \
		[ "$$(id -u)" = 0 ] && apt-get update && $(INSTALL) $(DEPS_BUILD) $(DEPS_TEST); } || { \
		echo "something to test with is missing; as root: make deps" >&2; exit 1; }

deps:
	apt-get update
	$(INSTALL) $(DEPS_BUILD) $(DEPS_TEST)

# ---- tests ----

GOLDEN := $(wildcard tests/golden/*.test)

# What golden scripts call a machine; trees of links and binary files are not for a repository.
MACHINES := $(patsubst tests/fixtures/machines/%.txt,build/machines/%/made, \
	$(wildcard tests/fixtures/machines/*.txt))

build/machines/%/made: tests/fixtures/machines/%.txt tests/fixtures/make_machine
	$(Q)rm -rf $(@D) && tests/fixtures/make_machine $< $(@D) && touch $@

# Each part prints its count and keeps it in build/results; B, CC and SANITIZE as given.
variant: $(B)/iommutop $(UNIT_TESTS) $(B)/tests/golden/golden $(MACHINES)
	@tests/count each "unit $(CC)" $(UNIT_TESTS)
	@tests/count one "golden $(CC)" $(B)/tests/golden/golden $(GOLDEN)
	@IOMMUTOP=$(B)/iommutop tests/count one "command $(CC)" tests/command.sh
	@tests/count one "walls $(CC)" tests/walls $(CC)

# What people build comes first: compilers warn of other things there than beside sanitizers.
test: need-test-deps
	@$(MAKE) --no-print-directory build/release/iommutop CC=gcc
	@$(MAKE) --no-print-directory variant B=build/gcc CC=gcc SANITIZE="$(ASAN)" OPTIMISE=-O1

test-clang: need-test-deps
	@$(MAKE) --no-print-directory build/release-clang/iommutop B=build/release-clang CC=clang
	@$(MAKE) --no-print-directory variant B=build/clang CC=clang SANITIZE="$(ASAN)" OPTIMISE=-O1

# The real prometheus reads what we write; it is taken from Debian, not installed.
test-prometheus: need-test-deps
	@$(MAKE) --no-print-directory build/gcc/iommutop B=build/gcc CC=gcc SANITIZE="$(ASAN)" \
		OPTIMISE=-O1
	@IOMMUTOP=build/gcc/iommutop tests/count one prometheus tests/prometheus.sh

# Fresh inputs and crashes stay in build/fuzz.
FUZZ_SECONDS ?= 60
KMSG_SOURCES := $(wildcard src/sources/kmsg_*.c src/sources/log_*.c) src/event.c src/util.c

fuzz-kmsg: need-test-deps
	@mkdir -p build/fuzz/kmsg
	$(Q)clang $(BASE_CFLAGS) -O1 -fsanitize=fuzzer $(ASAN) -Isrc -o build/fuzz/kmsg_fuzz \
		tests/fuzz/kmsg_fuzz.c $(KMSG_SOURCES) $(PKG_LIBS)
	$(Q)build/fuzz/kmsg_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=20000 -timeout=10 \
		-print_final_stats=1 -verbosity=0 -artifact_prefix=build/fuzz/ build/fuzz/kmsg \
		tests/fixtures/kmsg/pasted tests/fixtures/kmsg

# What these stand on is most of the porch: all rooms, as they are, with what a fuzzer needs to see.
$(B)/tests/fuzz/%_fuzz: tests/fuzz/%_fuzz.c $(ROOMS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -fsanitize=fuzzer -MMD -MP -Isrc -o $@ $< $(ROOMS) $(PKG_LIBS)

# Whatever can be replayed.
FUZZ_ALSO_recording := tests/fixtures/sessions tests/fixtures/tracedat tests/fixtures/tracetext

fuzz-tracedat fuzz-tracetext fuzz-topology fuzz-recording: fuzz-%: need-test-deps
	@mkdir -p build/fuzz/$*
	@$(MAKE) --no-print-directory B=build/fuzz/rooms CC=clang OPTIMISE=-O1 \
		SANITIZE="-fsanitize=fuzzer-no-link $(ASAN)" build/fuzz/rooms/tests/fuzz/$*_fuzz
	$(Q)build/fuzz/rooms/tests/fuzz/$*_fuzz -max_total_time=$(FUZZ_SECONDS) -max_len=200000 \
		-timeout=10 -print_final_stats=1 -verbosity=0 -artifact_prefix=build/fuzz/ \
		build/fuzz/$* tests/fixtures/$* $(FUZZ_ALSO_$*)

# What is never skipped: the two kernels that Debian 12 serves, with VT-d. The program is the one
# with sanitizers. A machine takes one processor: both run at the same time.
vm: need-test-deps
	@$(MAKE) --no-print-directory build/gcc/iommutop B=build/gcc CC=gcc SANITIZE="$(ASAN)" \
		OPTIMISE=-O1
	@$(MAKE) --no-print-directory -k -j2 -O vm-6.1 vm-6.12 vm-doctor

vm-6.1 vm-6.12:
	@tests/count one "$(@:vm-%=vm %) vtd" tests/vm/check $(@:vm-%=%) vtd

# Boots of their own, with other options.
vm-doctor:
	@tests/count one "vm 6.12 doctor" tests/vm/doctor_boots 6.12

check: need-test-deps
	@rm -f build/results; status=0; \
	$(MAKE) --no-print-directory -k test test-clang test-prometheus vm || status=1; \
	tests/count sum $$status

# The newest kernel that is served, other IOMMUs, contrib's unit under a real systemd; what cannot be
# had is skipped with its reason.
check-matrix: need-test-deps
	@tests/have matrix || { [ "$$(id -u)" = 0 ] && apt-get update && $(INSTALL) $(DEPS_MATRIX); } \
		|| echo "no arm64 machine, or no systemd; as root: apt-get install $(DEPS_MATRIX)" >&2
	@rm -f build/results; status=0; \
	$(MAKE) --no-print-directory build/gcc/iommutop B=build/gcc CC=gcc SANITIZE="$(ASAN)" \
		OPTIMISE=-O1 || status=1; \
	tests/count one "vm newest vtd" tests/vm/check newest vtd; \
	tests/count one "vm 6.1 amd" tests/vm/check 6.1 amd; \
	tests/count one "vm 6.1 none" tests/vm/check 6.1 none; \
	tests/count one "vm 6.1 smmuv3" tests/vm/check 6.1 smmuv3; \
	tests/count one "vm 6.12 unit" tests/vm/check 6.12 vtd unit; \
	tests/count sum $$status

# Ratios of one run, for the release build.
bench: need-test-deps
	@$(MAKE) --no-print-directory build/release/iommutop
	@tests/bench/run

# What an event costs from a page of the ring buffer into the model: nanoseconds, room by room.
INGEST := build/ingest

bench-ingest: need-test-deps
	@$(MAKE) --no-print-directory build/release/iommutop build/release/tests/bench/ingest
	@[ -e $(INGEST)/header_page ] || IOMMUTOP=build/release/iommutop \
		IOMMUTOP_VM_OUT=$(INGEST) tests/vm/run 6.1 vtd tests/bench/capture.sh
	@build/release/tests/bench/ingest $(INGEST)

# How fast recordings of trace-cmd are read, beside trace-cmd.
bench-tracedat: need-test-deps
	@$(MAKE) --no-print-directory build/release/iommutop build/release/tests/bench/tracedat
	@tests/bench/tracedat.sh

# Whether 2 GB through a pipe take more memory than 2 MB: some minutes.
bench-pipe:
	@$(MAKE) --no-print-directory build/release/iommutop
	@/usr/bin/python3 tests/bench/pipe_memory.py

# The pictures of README, from the recorded session.
screenshots: all
	docs/screenshots/draw

# What each file is for, by its own first words.
map:
	@docs/map

clean:
	rm -rf build iommutop

install: iommutop
	install -D -m 755 iommutop $(DESTDIR)$(PREFIX)/sbin/iommutop
	install -D -m 644 $(SESSION) $(DESTDIR)$(PREFIX)/share/iommutop/demo.rec
	install -D -m 644 docs/iommutop.8 $(DESTDIR)$(PREFIX)/share/man/man8/iommutop.8
