#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Can a group be assigned? What iommutop says is held against the kernel's own answer, in every
# combination of drivers over two functions that share a group, and while somebody has it.
#
#	tests/vm/run 6.1 vtd tests/vm/viability.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh
# shellcheck source=programs.sh
. tests/vm/programs.sh

first=0000:02:00.0
second=0000:02:00.1
group=$(group_of "$first")
node=/dev/vfio/$group
drivers='vfio-pci e1000e none'

# give BDF DRIVER: none takes away the one it has.
give() {
	local device=/sys/bus/pci/devices/$1

	if [ "$2" != none ]; then
		bind_driver "$1" "$2"
	elif [ -e "$device/driver" ]; then
		echo "$1" >"$device/driver/unbind"
	fi
}

# A frame of an iommutop.
look() {
	$IOMMUTOP -1 --json >/tmp/look
}

# verdict_has EXPRESSION: v is the verdict on the group in that frame.
verdict_has() {
	json look "$(printf '[g["viability"] for g in last["groups"] if g["id"] == %d]' "$group")" \
		"$(printf '(lambda v: %s)([g["viability"] for g in last["groups"] if g["id"] == %d][0])' \
			"$1" "$group")"
}

kernel_says() {
	"$PROGRAMS/vfio_viable" "$node"
}

# kernel_is_expected FIRST SECOND: what it has to say, so that no combination is left to chance.
kernel_is_expected() {
	case "$1 $2" in
	*vfio-pci*) case "$1 $2" in *e1000e*) echo 'not viable' ;; *) echo viable ;; esac ;;
	*) echo ENOENT ;;
	esac
}

# The names of those that have the host's driver, as the reason has them.
blockers() {
	printf '['
	[ "$1" != e1000e ] || printf "'%s'," "$first"
	[ "$2" != e1000e ] || printf "'%s'," "$second"
	printf ']'
}

agree() {
	local said

	give "$first" "$1"
	give "$second" "$2"
	said=$(kernel_says)
	echo "the kernel: $said"
	[ "$said" = "$(kernel_is_expected "$1" "$2")" ]
	look
	case $said in
	viable) verdict_has 'v["verdict"] == "ready" and v["certain"]' ;;
	*) verdict_has 'v["verdict"] == "after" and v["certain"]' ;;
	esac
	verdict_has "[b['bdf'] for b in v['blockers']] == $(blockers "$1" "$2")"
	verdict_has "all(b in v['reason'] for b in $(blockers "$1" "$2"))"
	$IOMMUTOP -1 -g "$group" | grep '^assignment '
}

# Who has it is named, and a second open is refused.
held() {
	local pid

	give "$first" vfio-pci
	give "$second" none
	coproc VFIO {
		exec "$PROGRAMS/vfio_map" "$first" wait
	}
	# shellcheck disable=SC2153 # coproc sets it
	pid=$VFIO_PID
	read -r -t 60 said <&"${VFIO[0]}"
	[ "$said" = waiting ]
	[ "$(kernel_says)" = EBUSY ]
	look
	kill "$pid"
	verdict_has "v['verdict'] == 'in_use' and 'vfio_map $pid' in v['reason']"
	wait "$pid" || true
	[ "$(kernel_says)" = viable ]
	look
	verdict_has 'v["verdict"] == "ready"'
}

for one in $drivers; do
	for other in $drivers; do
		check "$one and $other: as the kernel says" agree "$one" "$other"
	done
done
check 'held: in use by whom' held
bind_driver "$first" '' || true
bind_driver "$second" '' || true
plan_done
