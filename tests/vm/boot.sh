#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What happened before the start: this machine was booted with trace_event=iommu, and its global
# trace buffer is somebody else's. It runs before scripts that fill that buffer with their traffic.
#
#	tests/vm/run 6.1 vtd tests/vm/boot.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh

if [ "$IOMMU" = none ]; then
	skip 'lines of before the start' 'there is no IOMMU'
	plan_done
fi
tracing=/sys/kernel/tracing
work=/tmp/boot
mkdir -p $work
# A sanitizer's own look for leaks and strace's are not to be had at once.
export ASAN_OPTIONS=detect_leaks=0

mux() {
	tmux -L boot -f /dev/null "$@"
}

# Everything of that buffer but what time it is.
state() {
	cat $tracing/tracing_on $tracing/trace_clock $tracing/current_tracer \
		$tracing/trace_options $tracing/buffer_size_kb $tracing/set_event
	grep -hv '^now ts' $tracing/per_cpu/cpu*/stats
	cat $tracing/trace
}

# watch CONDITION...: until it holds of the recording. strace tells what was opened.
watch() {
	local pid

	rm -f $work/rec
	strace -f --seccomp-bpf -qq -e trace=openat -o $work/opened \
		$IOMMUTOP --record $work/rec -d 0.5 --json >$work/json 2>$work/err &
	pid=$!
	wait_for 30 "$@" || cat $work/rec $work/err
	kill -TERM "$(pgrep -P $pid)"
	wait $pid || true
	"$@"
}

says_boot() {
	grep -q ' boot_trace ' $work/rec
}

# Six seconds: the buffer is looked at after three.
has_ticked() {
	[ "$(grep -c '^t' $work/rec)" -ge 12 ]
}

# So often was the global buffer opened, and never to be written or emptied.
opened() {
	if grep -E '"(/sys/kernel/tracing/)?trace", ' $work/opened | grep -qE 'O_RDWR|O_WRONLY|O_TRUNC'; then
		return 1
	fi
	grep -cE '"(/sys/kernel/tracing/)?trace", O_RDONLY' $work/opened || true
}

# Lines of the recording from before the start, of these kinds: bit 3 of the context.
lines() {
	awk -v kinds="$1" '
		index(kinds, substr($1, 1, 1)) && $4 ~ /^1?[89a-f]$/ { n++ }
		END { print n + 0 }' $work/rec
}

sentence() {
	sed -n 's/^A[^ ]* machine - boot_trace //p' $work/rec | sed 's/\\x20/ /g; s/\\x5c/\\/g'
}

# counted EVENTS: so many of them the kernel itself has, by what it prints.
counted() {
	grep -cE ": ($1): IOMMU:" $work/trace || true
}

least() {
	[ "$1" -lt "$2" ] && echo "$1" || echo "$2"
}

others='attach_device_to_domain|detach_device_from_domain|add_device_to_group|remove_device_from_group|io_page_fault'

is_all_there() {
	echo 0 >$tracing/tracing_on
	cat $tracing/trace >$work/trace
	state >$work/before
	# On a busy machine a second may not be enough for all of it.
	for _ in 1 2 3; do
		watch says_boot
		sentence | grep -q 'more not read' || break
	done
	state >$work/after
	cmp $work/before $work/after
	sentence
	echo "of the kernel's: $(counted map) maps, $(counted unmap) unmaps, $(counted "$others") others"
	[ "$(opened)" = 1 ]
	sentence | grep -q "^$(counted "map|unmap|$others") iommu events in the kernel's buffer"
	[ "$(counted "$others")" -gt 0 ]
	[ "$(lines adgGf)" = "$(counted "$others")" ]
	[ "$(lines mu)" = "$(least "$(counted 'map|unmap')" 4096)" ]
}

# As it is now: nothing has moved since the boot.
names_groups() {
	local group

	group=$(printf %x "$(group_of 0000:00:04.0)")
	grep -qE "^g[^ ]* [0-9a-f]+ [0-9a-f]+ [89a-f] 0000:00:04\.0 $group\$" $work/rec
	grep -qE '^a[^ ]* [0-9a-f]+ [0-9a-f]+ [89a-f] 0000:00:04\.0 ' $work/rec
}

# They are lines of the log, and nothing else.
counts_nothing() {
	local maps

	maps=$(tail -n 1 $work/json | sed 's/.*"totals"[^}]*"maps": *\([0-9]*\).*/\1/')
	echo "$maps maps since the start, $(lines m) of before"
	[ "$maps" -lt "$(lines m)" ]
}

screen() {
	mux capture-pane -p
}

on_screen() {
	screen | grep -qE -- "$1"
}

shows() {
	wait_for 60 on_screen "$1" || { screen; return 1; }
}

stands_first() {
	mux new-session -d -x 110 -y 30 "$IOMMUTOP -d 0.5"
	shows '^IOMMU on'
	mux send-keys e
	shows 'boot +[0-9]+\.[0-9]+ '
	mux send-keys g
	shows ' Events +1-'
	screen
	screen | grep -A1 '^TIME ' | grep -qE '^boot +[0-9]+\.[0-9]+ +[0-9]+ .* (join|attach|map) '
	mux send-keys f
	mux send-keys 'watching' Enter
	shows 'watching begins; before it: [0-9]+ iommu events in the kernel'
	mux send-keys q
	wait_for 30 not mux has-session
}

# Its tracing would stop meanwhile.
is_polite() {
	echo 1 >$tracing/options/pause-on-trace
	echo 1 >$tracing/tracing_on
	watch says_boot
	sentence | grep -q 'is not read, .* (echo 0 >/sys/kernel/tracing/options/pause-on-trace)$'
	[ "$(opened)" = 0 ]
	[ "$(lines muadgG)" = 0 ]
}

# Another clock empties the buffer. It is stopped: so reading does not stop it.
is_in_order() {
	echo 1 >$tracing/options/pause-on-trace
	echo counter >$tracing/trace_clock
	echo 1 >$tracing/tracing_on
	nvme_read 20
	echo 0 >$tracing/tracing_on
	cat $tracing/trace >$work/trace
	watch says_boot
	sentence
	[ "$(opened)" = 1 ]
	sentence | grep -q 'only their order is known (clock counter;'
	[ "$(lines mu)" = "$(counted 'map|unmap')" ]
	echo 0 >$tracing/options/pause-on-trace
	echo global >$tracing/trace_clock
}

is_silent() {
	echo 0 >$tracing/events/iommu/enable
	: >$tracing/trace
	echo 1 >$tracing/tracing_on
	watch has_ticked
	[ "$(opened)" = 0 ]
	[ "$(lines muadgG)" = 0 ]
	[ -z "$(sentence)" ]
	echo 1 >$tracing/events/iommu/enable
}

check "as many lines as the kernel's buffer has events, and it is as it was" is_all_there
check 'who joined which group, and who was attached' names_groups
check 'they count in nothing' counts_nothing
check 'the first row of the log is of the boot' stands_first
check 'nobody is kept from tracing: then it is not read' is_polite
check 'of a clock that is no time the order is known, of a buffer that is stopped anyway' is_in_order
check 'an empty buffer is not opened, and nothing is said' is_silent
plan_done
