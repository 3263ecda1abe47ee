#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Why are devices together? For each group of several the reason that iommutop gives is the one that
# the machine was built with; and whoever sleeps is left asleep until somebody asks.
#
#	tests/vm/run 6.1 vtd tests/vm/isolation.sh
#
# shellcheck disable=SC2317,SC2086 # check calls the functions; IOMMUTOP may be several words

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh

port=0000:00:11.0
card=0000:02:00.0
devices=/sys/bus/pci/devices

# reason BDF [COMMAND...]: what is said of its group under "why together", a line each.
reason() {
	local group

	group=$(group_of "$1")
	shift
	"$@" $IOMMUTOP -1 -g "$group" | sed -n '/^why together/,/^[^ ]/p' | sed -n '1p; /^ /p'
}

# says BDF TEXT...: all of them, in the reason of its group.
says() {
	local text said

	said=$(reason "$1")
	echo "$said"
	shift
	for text; do
		grep -qF -- "$text" <<<"$said"
	done
}

# does_not_say BDF TEXT...: none of them.
does_not_say() {
	local text said

	said=$(reason "$1")
	echo "$said"
	shift
	for text; do
		not grep -qF -- "$text" <<<"$said"
	done
}

groups_of_several() {
	local group

	for group in /sys/kernel/iommu_groups/*; do
		if [ "$(find "$group/devices" -type l | wc -l)" -gt 1 ]; then
			find "$group/devices" -type l -printf '%f\n' | sort | head -n 1
		fi
	done
}

# Each has a reason, none is like another, and none is unknown.
reasons_differ() {
	local device

	for device in $(groups_of_several); do
		reason "$device" | sed 's/[0-9a-f]*:[0-9a-f:]*\.[0-7]/X/g' | head -n 1
	done >/tmp/reasons
	cat /tmp/reasons
	[ "$(wc -l </tmp/reasons)" -ge 4 ]
	[ "$(wc -l </tmp/reasons)" = "$(groups_of_several | wc -l)" ]
	[ -z "$(sort /tmp/reasons | uniq -d)" ]
	not grep -q 'not known' /tmp/reasons
}

port_without_acs() {
	says "$card" "$port (root port) has no ACS" '0000:02:00.0 and 0000:02:00.1 are together' \
		'even if the way up kept them apart'
	does_not_say "$card" conventional
}

# What is above it has ACS, and groups of its own.
switch_without_acs() {
	says 0000:06:00.0 '0000:05:00.0 (downstream port) has no ACS' '0000:06:00.0 is with it'
	does_not_say 0000:06:00.0 0000:04:00.0 0000:00:13.0
}

conventional_bridge() {
	says 0000:03:01.0 '0000:00:12.0 is a bridge to conventional PCI' \
		'cannot tell 0000:03:01.0 and 0000:03:02.0 apart'
	does_not_say 0000:03:01.0 ACS
}

functions_of_one_device() {
	says 0000:00:1f.0 '0000:00:1f.0, 0000:00:1f.2 and 0000:00:1f.3 are functions of one device'
	does_not_say 0000:00:1f.0 port bridge
}

behind_a_port_with_acs() {
	says 0000:01:00.0 '0000:01:00.0 is alone: each port above it keeps others out (ACS)'
}

without_root() {
	reason "$card" setpriv --reuid 1000 --clear-groups >/tmp/said
	cat /tmp/said
	grep -qF "$port lacks ACS or leads to conventional PCI; which is not known" /tmp/said
	grep -qF 'run it with sudo' /tmp/said
	reason 0000:03:01.0 setpriv --reuid 1000 --clear-groups >/tmp/said
	cat /tmp/said
	grep -qF '0000:00:12.0 lacks ACS or leads to conventional PCI; which is not known' /tmp/said
}

in_json() {
	$IOMMUTOP --once --json -g "$(group_of "$card")" >/tmp/look
	python3 - <<'PYTHON'
import json

(group,) = json.load(open("/tmp/look"))["groups"]
(first, second) = group["answers"]["why_together"]
assert first["tone"] == "plain" and "0000:00:11.0 (root port) has no ACS" in first["text"], first
PYTHON
}

# ---- sleep ----

status_of() {
	cat "$devices/$1/power/runtime_status"
}

is_status() {
	[ "$(status_of "$1")" = "$2" ]
}

# Without a driver the kernel suspends what may be: the port when both functions behind it are.
put_to_sleep() {
	local device

	for device in 0000:02:00.0 0000:02:00.1 "$port"; do
		[ ! -e "$devices/$device/driver" ] || echo "$device" >"$devices/$device/driver/unbind"
		echo auto >"$devices/$device/power/control"
	done
	for device in 0000:02:00.0 0000:02:00.1 "$port"; do
		wait_for 20 is_status "$device" suspended
	done
}

# Whoever wakes one of them asks the kernel for it, which is traced.
wakes=/sys/kernel/tracing/instances/wakes

watch_wakes() {
	mkdir "$wakes"
	echo 1 >"$wakes/events/rpm/rpm_resume/enable"
}

# Requests since the last time, the newest ones shown.
woken() {
	local pattern="rpm_resume: ($port|0000:02:00\\.[01]) "

	grep -E "$pattern" "$wakes/trace" | tail -n 5 >&2 || true
	grep -cE "$pattern" "$wakes/trace" || true
	echo >"$wakes/trace"
}

mux() {
	tmux -L isolation -f /dev/null "$@"
}

on_screen() {
	mux capture-pane -p | grep -qF -- "$1"
}

shows() {
	wait_for 60 on_screen "$1" || { mux capture-pane -p; return 1; }
}

asleep_in_the_list() {
	put_to_sleep
	woken
	says "$card" "$port lacks ACS or leads to conventional PCI; which is not known" \
		'it is asleep and was not read: key W'
	[ "$(woken)" = 0 ]
	is_status "$port" suspended
	is_status "$card" suspended
}

# ---- and a screen that stays open ----

record=/tmp/isolation.rec
other=0000:00:05.0

lines() {
	grep -c -- "$1" "$record" || true
}

# has_more PATTERN THAN: lines of the recording.
has_more() {
	[ "$(lines "$1")" -gt "$2" ]
}

# A walk begins, ends and is drawn: it has news of another device.
walk() {
	local news=" device $other driver" told ticks

	told=$(lines "$news")
	if [ -e "$devices/$other/driver" ]; then
		echo "$other" >"$devices/$other/driver/unbind"
	else
		echo "$other" >/sys/bus/pci/drivers_probe
	fi
	wait_for 60 has_more "$news" "$told"
	ticks=$(lines '^t')
	wait_for 60 has_more '^t' $((ticks + 1))
}

made_of() {
	stat -L -c %z "$devices/$1"
}

are_made_anew() {
	echo 2 >/proc/sys/vm/drop_caches
	[ "$(made_of "$port")" != "$1" ] && [ "$(made_of "$card")" != "$2" ]
}

# As when memory gets tight: the kernel makes the inodes of sysfs anew.
forget_inodes() {
	wait_for 60 are_made_anew "$(made_of "$port")" "$(made_of "$card")"
}

# Opened, looked at for some walks, asleep all the while.
asleep_on_the_screen() {
	mux new-session -d -s isolation -x 120 -y 50 \
		"$IOMMUTOP -d 0.5 --record $record -g $(group_of "$card")"
	shows 'key W reads it'
	walk
	forget_inodes
	walk
	shows 'key W reads it'
	[ "$(woken)" = 0 ]
	is_status "$port" suspended
	is_status "$card" suspended
}

key_w_wakes() {
	mux send-keys W
	shows 'asleep or not: this wakes them'
	shows "$port (root port) has no ACS"
	[ "$(woken)" -ge 3 ]
}

what_was_read_stays() {
	forget_inodes
	walk
	shows "$port (root port) has no ACS"
	mux send-keys q
}

wake_all() {
	local device

	mux kill-server 2>/dev/null || true
	for device in "$port" 0000:02:00.0 0000:02:00.1 $other; do
		echo on >"$devices/$device/power/control" || true
		echo "$device" >/sys/bus/pci/drivers_probe || true
	done
}

if [ "$IOMMU" = none ]; then
	skip 'why devices are together' 'without an IOMMU there are no groups'
	plan_done
fi

check 'each shared group has a reason of its own' reasons_differ
check 'a port without ACS, and what would be left of it' port_without_acs
check 'a switch without ACS behind a port with it' switch_without_acs
check 'a bridge to conventional PCI' conventional_bridge
check 'functions of one device' functions_of_one_device
check 'alone behind a port with ACS' behind_a_port_with_acs
check 'without root what can be said is said' without_root
check 'the reason in JSON' in_json
watch_wakes
check 'who sleeps is not woken by a list' asleep_in_the_list
check 'nor by an open screen' asleep_on_the_screen
check 'key W reads it, which wakes it' key_w_wakes
check 'what it read is not forgotten with the inodes' what_was_read_stays
wake_all
rmdir "$wakes"
plan_done
