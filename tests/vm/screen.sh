#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The program in a terminal of a real machine: keys are pressed, the screen is read.
#
#	tests/vm/run 6.1 vtd tests/vm/screen.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

case $IOMMU in
amd) vendor=AMD-Vi unit=ivhd0 ;;
*) vendor=VT-d unit=dmar0 ;;
esac

mux() {
	tmux -L screen -f /dev/null "$@"
}

press() {
	mux send-keys "$@"
}

screen() {
	mux capture-pane -p
}

# shows PATTERN: the screen has it, soon (bounded by what a loaded machine takes for some frames).
shows() {
	wait_for 60 on_screen "$1" || { screen; return 1; }
}

on_screen() {
	screen | grep -qE -- "$1"
}

hides() {
	wait_for 60 not_on_screen "$1" || { screen; return 1; }
}

not_on_screen() {
	! on_screen "$1"
}

own_instance() {
	local dir

	for dir in "$instances"/iommutop-*; do
		[ -d "$dir" ] && printf '%s' "$dir"
	done
}

no_instance() {
	[ -z "$(own_instance)" ]
}

# In the terminal's shell: what the line prints is in /tmp/said.
shell() {
	rm -f /tmp/said
	press "$1 >/tmp/said; echo done >>/tmp/said" Enter
	wait_for 60 grep -qx done /tmp/said
}

modes() {
	shell 'stty -a'
	cat /tmp/said
}

begin() {
	press "${1:-} $IOMMUTOP -d 0.5 ${2:-}" Enter
	shows '^IOMMU on'
}

overview() {
	shows "^IOMMU on.*$vendor $unit.*groups:"
	shows 'Groups.*──'
	shows '00:02.0.*8086:10d3 e1000e'
	shows '^DOMAIN +TYPE '
	shows 'Faults.*──'
	shows 'c (collect )?events \(auto'
}

traffic() {
	nvme_read 200
	shows '^0000:00:04.0 nvme +DMA .* [0-9.]+[kM]? .*[▁▂▃▄▅▆▇█]'
}

fault() {
	edu_fault read 0x5678000
	shows '^[0-9:.]+ +≥?[0-9]+ .* 0000:00:03.0 .* read +0x5678000(, others)? +no read mapping'
}

# One device has faulted once, then a card does so by thousands: keys are answered, and the one fault
# stays on the screen. What others do meanwhile the kernel's own limit keeps out of its log; what comes
# after the storm is seen.
keys_in_a_storm() {
	local card=0000:00:05.0

	sleep 6 # until the limit lets lines through again
	edu_fault write 0x9abc000
	shows '0000:00:03.0 .* write +0x9abc000(, others)? +no write mapping'
	echo $card >/sys/bus/pci/devices/$card/driver/unbind
	"$PROGRAMS/dma_storm" $card 0x7654000 10000000 >/tmp/storm.log 2>&1 &
	pids[storm]=$!
	owners[storm]=$BASHPID
	trap stop_all EXIT
	shows ' logged [0-9.]+ of [0-9.]+[kM] interrupts '
	press h
	shows 'any other key back'
	press Escape
	shows '^[0-9:.]+ +≥?[0-9]+ .* 0000:00:05.0 .* read +0x7654000 no read mapping'
	shows '^[0-9:.]+ +≥?1 .* 0000:00:03.0 .* write +0x9abc000(, others)? +no write mapping'
	storm_goes_on
	finish storm TERM
	bind_driver $card ''
	sleep 6
	edu_fault write 0xdef000
	shows '^[0-9:.]+ +≥?2 .* 0000:00:03.0 .* write .* no write mapping'
}

storm_goes_on() {
	kill -0 "${pids[storm]}" || { cat /tmp/storm.log; return 1; }
}

class_off() {
	press 3
	shows '3 map off'
	[ "$(cat "$(own_instance)/events/iommu/map/enable")" = 0 ]
	[ "$(cat "$(own_instance)/events/iommu/unmap/enable")" = 1 ]
	shows '^maps off  unmaps [0-9]'
	press 3
	hides '3 map off'
	[ "$(cat "$(own_instance)/events/iommu/map/enable")" = 1 ]
}

drill() {
	press g j j Enter
	shows 'Facts of group 2'
	shows "IOMMU unit +$unit \($vendor\)"
	press Escape
	shows '── Groups '
}

choice() {
	press c
	shows 'c (collect )?events \(asked for'
	press c
	shows 'c (collect )?counts \(asked for'
	press c
	shows 'c (collect )?[a-z]+ \(auto'
	shows 'c (collect )?events \(auto'
}

# The disk's domain, and who maps in it.
callers() {
	press Tab
	press -l /00:04.0
	press Enter Enter
	shows 'Facts of 0000:00:04.0'
	start_reading
	press w
	shows '^ +[0-9.]+k? +[0-9.]+ % .*nvme_'
	finish reading TERM
	press Escape
	shows '── Groups '
	press BTab
}

# What R records stands alone: replayed, the disk's domain has its name and its traffic. It is all
# between two keys, though no interval ends there.
recording() {
	local file

	rm -f /tmp/iommutop-*.rec*
	press + + +
	shows 'interval 5.0 s'
	press R
	shows 'recording to iommutop-[0-9]+-[0-9]+\.rec'
	nvme_read 50
	press R
	shows ' events are in iommutop-'
	hides 'recording to iommutop-'
	file=$(echo /tmp/iommutop-*.rec*)
	$IOMMUTOP --replay "$file" --json >/tmp/recorded
	json recorded '[d["maps"] for d in last["domains"] if d["label"] == "0000:00:04.0 nvme" and d["maps"] >= 50]' \
		'len(last["groups"]) > 5' 'last["totals"]["lost"] == 0'
	press - - -
	shows 'interval 0.5 s'
}

log() {
	press e
	nvme_read 5
	shows ' dd [0-9]+ +map +0x'
	shows ' unmap +0x'
	press e
	shows '── Groups '
}

help() {
	press h
	shows 'any other key back'
	shows 'this help'
	press x
	shows '── Groups '
}

find_and_filter() {
	press / n v m e Enter
	press f e 1 0 0 0 e Enter
	shows 'of [0-9]+ with "e1000e"'
	hides '1b36:0010'
	press Escape
	shows '1b36:0010'
}

both_at_once() {
	press 3 3 3
	shows '3 map off'
	press 3
	hides '3 map off'
}

pause() {
	press Space
	shows 'PAUSED'
	press Space
	hides 'PAUSED'
}

delay() {
	press +
	shows 'interval 1.0 s'
	press -
	shows 'interval 0.5 s'
}

suspend() {
	press C-z
	shows 'Stopped'
	modes >/tmp/modes.stopped
	diff /tmp/modes.shell /tmp/modes.stopped
	press fg Enter
	shows '^IOMMU on'
	hides 'Stopped'
}

resize() {
	mux resize-window -x 80 -y 24
	shows 'Groups  Domains  Faults'
	press Tab
	shows '^0000:00:04.0 '
	mux resize-window -x 120 -y 40
	shows '── Faults'
}

quit() {
	press q
	shows '^terminal\$'
	no_instance
	modes | diff /tmp/modes.shell -
}

# ended_by SIGNAL: the terminal is as before and no instance is left.
ended_by() {
	begin
	[ -n "$(own_instance)" ]
	kill "-$1" "$(own_instance | sed 's/.*-//')"
	wait_for 60 no_instance
	modes | diff /tmp/modes.shell -
}

# A crash: without the sanitizer's own handler, so that ours is the one.
crash() {
	begin ASAN_OPTIONS=handle_segv=0:detect_leaks=0
	kill -SEGV "$(own_instance | sed 's/.*-//')"
	wait_for 60 no_instance
	modes | diff /tmp/modes.shell -
}

# A pasted page of keys starves neither ticks nor signals.
flood() {
	local pid

	begin
	pid=$(own_instance | sed 's/.*-//')
	head -c 100000 /dev/zero | tr '\0' j | mux load-buffer -
	mux paste-buffer &
	sleep 1
	kill -TERM "$pid"
	wait_for 30 no_instance
	wait
	press C-u
	mux send-keys -R clear Enter
	mux clear-history
}

# ^S does not stop the screen, and with it the draining.
stop_key() {
	begin
	press C-s
	press 3
	shows '3 map off'
	press C-q
	press q
	wait_for 60 no_instance
}

# In a terminal that nobody reads, TERM ends it all the same.
stalled_terminal() {
	TERM=xterm tests/vm/stalled.py "$IOMMUTOP" -d 0.1
	no_instance
}

ascii_only() {
	begin '' --ascii
	shows '^DOMAIN +TYPE '
	[ "$(screen | LC_ALL=C grep -c '[^ -~]')" = 0 ]
	press q
	wait_for 60 no_instance
}

no_colour() {
	begin NO_COLOR=1
	shows '^DOMAIN +TYPE '
	[ "$(mux capture-pane -e -p | grep -cE $'\033''\[[0-9;]*3[1-7]')" = 0 ]
	press q
	wait_for 60 no_instance
	begin
	shows '^DOMAIN +TYPE '
	[ "$(mux capture-pane -e -p | grep -cE $'\033''\[[0-9;]*3[1-7]')" != 0 ]
	press q
	wait_for 60 no_instance
}

# The keyboard is the terminal even where stdin is not.
stdin_is_not_the_keyboard() {
	press "true | $IOMMUTOP -d 0.5" Enter
	shows '^IOMMU on'
	press q
	shows '^terminal\$'
	no_instance
}

if [ "$IOMMU" = none ]; then
	skip 'the program in a terminal' 'this machine has no IOMMU; program.sh covers it'
	plan_done
fi
mux new-session -d -c /tmp -x 120 -y 40 "env PS1='terminal$ ' bash --norc --noprofile"
wait_for 20 on_screen 'terminal'
modes >/tmp/modes.shell
press clear Enter
begin
check 'the overview shows units, groups, domains and faults' overview
check 'traffic moves the domain' traffic
if [ "$IOMMU" = vtd ]; then
	check 'a fault appears with device, direction, address and reason' fault
	check "in a storm keys are answered, and another device's one fault stays" keys_in_a_storm
else
	skip 'a fault appears' "this emulated $IOMMU reports no fault of edu"
fi
check '3 switches maps off in the kernel and on again' class_off
check 'a class key pressed three times is pressed once' both_at_once
check 'Enter opens a group, Esc leaves it' drill
check 'c chooses how to collect' choice
check 'Enter opens a domain, w tells who maps in it' callers
check 'R records from now on, and what it records stands alone' recording
check 'e shows the events one by one' log
check 'h shows the keys, another key leaves' help
check '/ finds, f filters, Esc clears' find_and_filter
check 'Space holds the screen still' pause
check '+ and - change the interval' delay
check '^Z gives the terminal back and fg takes it' suspend
check 'a smaller terminal gets one pane and tabs' resize
check 'q leaves terminal and tracefs as they were' quit
for signal in INT TERM HUP QUIT; do
	check "so does $signal" ended_by $signal
done
check 'so does a crash' crash
check 'TERM is heeded in a terminal that nobody reads' stalled_terminal
check '^S stops nothing' stop_key
check '--ascii keeps to ASCII' ascii_only
check 'NO_COLOR is heeded' no_colour
check 'keys come from the terminal, not from stdin' stdin_is_not_the_keyboard
check 'a flood of keys starves nothing' flood
mux kill-server
plan_done
