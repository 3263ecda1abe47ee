# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts in the guest, after lib.sh: iommutops in the background and their frames, each under
# a name of its own.

tracing=/sys/kernel/tracing
instances=$tracing/instances
declare -A pids
declare -A owners # which shell started it

# launch NAME ARGS...: an iommutop that writes its frames to /tmp/NAME.
launch() {
	local name=$1

	shift
	rm -f "/tmp/$name" "/tmp/$name.rec"
	set -m # else the shell makes it deaf to INT
	$IOMMUTOP --json -d 0.5 "$@" >"/tmp/$name" 2>"/tmp/$name.err" &
	set +m
	pids[$name]=$!
	owners[$name]=$BASHPID
	trap stop_all EXIT
}

# started NAME: returns after its second frame.
started() {
	wait_for 120 has_frames "$1" 2 || { cat "/tmp/$1.err"; return 1; }
}

start() {
	launch "$@"
	started "$1"
}

# What a check that failed has left running: its own, not that of the shell around it.
stop_all() {
	local name

	for name in "${!owners[@]}"; do
		if [ "${owners[$name]}" = "$BASHPID" ]; then
			kill "${pids[$name]}" 2>/dev/null || true
			wait "${pids[$name]}" 2>/dev/null || true
		fi
	done
}

frame_count() {
	wc -l <"/tmp/$1"
}

has_frames() {
	[ "$(frame_count "$1")" -ge "$2" ]
}

# frames NAME MORE: MORE further frames have begun and ended.
frames() {
	wait_for 120 has_frames "$1" $(($(frame_count "$1") + $2))
}

# finish NAME SIGNAL: the exit status is in $status.
finish() {
	status=0
	kill "-$2" "${pids[$1]}"
	wait "${pids[$1]}" || status=$?
	unset "owners[$1]"
}

# The disk is read until "finish reading TERM".
start_reading() {
	while nvme_read 50; do :; done &
	pids[reading]=$!
	owners[reading]=$BASHPID
	trap stop_all EXIT
}

# json NAME EXPRESSION...: of tests/vm/frames.py, over the frames of NAME.
json() {
	local name=$1

	shift
	tests/vm/frames.py "/tmp/$name" "$@"
}

# soon NAME EXPRESSION...: the same, until it is true of the frames that came by then.
soon() {
	wait_for 60 json "$@" || json "$@"
}

# record NAME ARGS...: launch, with a recording that replays_alike looks at.
record() {
	launch "$@" --record "/tmp/$1.rec"
}

# replays_alike NAME ARGS...: what NAME recorded, at full speed, ends in its own last frame.
replays_alike() {
	local name=$1

	shift
	$IOMMUTOP --json "$@" --speed max --replay "/tmp/$name.rec" >"/tmp/$name.replayed"
	tests/vm/frames.py "/tmp/$name" 'len(f) > 3'
	tail -n 1 "/tmp/$name.replayed" | diff <(tail -n 1 "/tmp/$name") - >/tmp/differs && return 0
	# The lines are long: what differs, field by field.
	/usr/bin/python3 - "/tmp/$name" "/tmp/$name.replayed" <<-EOF
		import json, sys

		def show(path, one, other):
		    if isinstance(one, dict) and isinstance(other, dict):
		        for key in sorted(set(one) | set(other)):
		            show(f"{path}.{key}", one.get(key), other.get(key))
		    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
		        for i, pair in enumerate(zip(one, other)):
		            show(f"{path}[{i}]", *pair)
		    elif one != other:
		        print(path, one, other)

		show("", *(json.loads(open(name, encoding="utf-8").readlines()[-1]) for name in sys.argv[1:]))
	EOF
	return 1
}

alive() {
	[ -d "$instances/iommutop-${pids[$1]}" ]
}

# gone NAME: nothing of it is in the kernel.
gone() {
	not alive "$1" && not grep "iommutop_${pids[$1]}/" $tracing/dynamic_events
}
