# SPDX-License-Identifier: GPL-2.0-or-later
#
# make          ./iommutop
# make run      build it and start it on this machine
# make test     unit tests, golden screens, walls: seconds, no root, no kernel, no terminal
# make check    test with both compilers and sanitizers, and the virtual machines
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
PKG_CFLAGS := $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
PKG_LIBS := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lm

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

.PHONY: all run test check check-matrix deps clean install walls unit golden variant vm need-deps

all: need-deps iommutop

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

-include $(OBJECTS:.o=.d) $(UNIT_TESTS:=.d)

clean:
	rm -rf build iommutop
