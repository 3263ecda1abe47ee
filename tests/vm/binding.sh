#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The commands that iommutop shows do what it says: a shell runs those for a device without a driver,
# for one of the host's, for two functions that share a group, for half of them, and for one that is
# bound by its id; then those that give it back, after which drivers and overrides are as before.
#
#	tests/vm/run 6.1 vtd tests/vm/binding.sh
#
# shellcheck disable=SC2317 # check calls the functions

set -euo pipefail
# shellcheck source=lib.sh
. tests/vm/lib.sh

free=0000:00:03.0 # edu
card=0000:00:05.0
first=0000:02:00.0
second=0000:02:00.1
assign='to assign'
return='to give back'

# The modules are loaded while the guest boots, and it has no files of them: what is loaded need not
# be loaded again, and nothing else can be.
mkdir -p /tmp/bin
cat >/tmp/bin/modprobe <<'END'
#!/bin/sh
[ -d "/sys/module/$(echo "$1" | tr - _)" ]
END
chmod +x /tmp/bin/modprobe
PATH=/tmp/bin:$PATH

# look BDF: what iommutop has to say of the device's group.
look() {
	timeout 120 "$IOMMUTOP" -1 -g "$(group_of "$1")" >/tmp/list
}

# commands TOPIC: those that stand in its part of the list.
commands() {
	awk -v topic="$1" '
		/^[^ ]/ { inside = index($0, topic "  ") == 1 }
		inside && substr($0, 16) ~ /^(echo|modprobe|driverctl) / { print substr($0, 16) }' \
		/tmp/list
}

# type_them TOPIC: as a person would.
type_them() {
	commands "$1" >/tmp/commands
	cat /tmp/commands
	[ -s /tmp/commands ]
	sh -e /tmp/commands
}

nothing_shown() {
	[ -z "$(commands "$1")" ]
}

# state [BDF...]: driver and override of all devices, or of these.
state() {
	local device

	[ $# -gt 0 ] || set -- /sys/bus/pci/devices/*
	for device in "${@##*/}"; do
		printf '%s %s %s\n' "$device" \
			"$(basename "$(readlink "/sys/bus/pci/devices/$device/driver" || echo none)")" \
			"$(cat "/sys/bus/pci/devices/$device/driver_override")"
	done
}

# state_is BDF DRIVER OVERRIDE
state_is() {
	[ "$(state "$1")" = "$1 $2 $3" ]
}

# round BDF...: the group of these: nothing to give back, all of it bound, nothing to bind, all as before.
round() {
	local device

	state >/tmp/before
	look "$1"
	nothing_shown "$return"
	type_them "$assign"
	for device; do
		state_is "$device" vfio-pci vfio-pci
	done
	[ -c "/dev/vfio/$(group_of "$1")" ]
	look "$1"
	grep '^assignment *ready: ' /tmp/list
	nothing_shown "$assign"
	type_them "$return"
	state | diff /tmp/before -
}

# What one did by hand is not done again: one command sets the override, one unbinds, one probes.
half() {
	state >/tmp/before
	bind_driver "$first" vfio-pci
	look "$first"
	type_them "$assign"
	[ "$(wc -l </tmp/commands)" = 3 ]
	not grep "$first" /tmp/commands
	state_is "$second" vfio-pci vfio-pci
	look "$first"
	type_them "$return"
	state | diff /tmp/before -
}

# As with vfio-pci.ids: without an override the device would be taken again.
by_id() {
	local id

	id=$(sed s/0x// "/sys/bus/pci/devices/$free/vendor" "/sys/bus/pci/devices/$free/device" |
		tr '\n' ' ')
	echo "$id" >/sys/bus/pci/drivers/vfio-pci/new_id
	state_is "$free" vfio-pci '(null)'
	look "$free"
	type_them "$return"
	state_is "$free" none '(null)'
	echo "$free" >/sys/bus/pci/drivers_probe
	state_is "$free" none '(null)'
}

# One id for both, which can be removed once.
both_by_id() {
	local device

	state >/tmp/before
	for device in "$first" "$second"; do
		echo "$device" >"/sys/bus/pci/devices/$device/driver/unbind"
	done
	echo 8086 10d3 >/sys/bus/pci/drivers/vfio-pci/new_id
	state_is "$first" vfio-pci '(null)'
	state_is "$second" vfio-pci '(null)'
	look "$first"
	type_them "$return"
	[ "$(grep -c remove_id /tmp/commands)" = 1 ]
	state | diff /tmp/before -
}

# What could stop the kernel's readers for as long as a guest runs does not stop iommutop.
not_held_up() {
	local pid

	bind_driver "$card" vfio-pci
	coproc VFIO {
		exec "$PROGRAMS/vfio_map" "$card" wait
	}
	# shellcheck disable=SC2153 # coproc sets it
	pid=$VFIO_PID
	read -r -t 60 said <&"${VFIO[0]}"
	[ "$said" = waiting ]
	look "$card"
	grep "^$return *stop .*vfio_map $pid" /tmp/list
	echo "$card" >"/sys/bus/pci/drivers/vfio-pci/unbind" &
	wait_for 20 [ ! -e "/sys/bus/pci/devices/$card/driver" ]
	look "$card"
	kill "$pid"
	wait "$pid" || true
	wait
	bind_driver "$card" ''
}

check 'a device without a driver' round "$free"
check 'a device of the host' round "$card"
check 'two functions in a group' round "$first" "$second"
check 'one of them is bound already' half
check 'bound by its id' by_id
check 'both are bound by their id' both_by_id
check 'a device that is being taken from a guest does not hold iommutop up' not_held_up
plan_done
