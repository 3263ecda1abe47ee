# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For scripts in the guest, after lib.sh: iommutops in the background and their frames, each under
# a name of its own.

declare -A pids

# start NAME ARGS...: an iommutop that writes its frames to /tmp/NAME; returns after the second.
start() {
	local name=$1

	shift
	rm -f "/tmp/$name"
	set -m # else the shell makes it deaf to INT
	$IOMMUTOP --json -d 0.5 "$@" >"/tmp/$name" 2>"/tmp/$name.err" &
	set +m
	pids[$name]=$!
	wait_for 60 has_frames "$name" 2
}

frame_count() {
	wc -l <"/tmp/$1"
}

has_frames() {
	[ "$(frame_count "$1")" -ge "$2" ]
}

# frames NAME MORE: MORE further frames have begun and ended.
frames() {
	wait_for 60 has_frames "$1" $(($(frame_count "$1") + $2))
}

# finish NAME SIGNAL: the exit status is in $status.
finish() {
	status=0
	kill "-$2" "${pids[$1]}"
	wait "${pids[$1]}" || status=$?
}

# json NAME EXPRESSION...: of tests/vm/frames.py, over the frames of NAME.
json() {
	local name=$1

	shift
	tests/vm/frames.py "/tmp/$name" "$@"
}
