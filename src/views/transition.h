/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_TRANSITION_H
#define IOMMUTOP_TRANSITION_H

#include "../view.h"

/* A device's way and a guest's bursts in words, the same in the log and in the journey. */

/* "0000:01:00.0 left DMA domain of group 12 → vm1 (qemu-system-x86 1234) at 14:03:22; back at
 * 14:09:10"; returned: the line of its end. Bursts as in transition_burst. Returns out. */
char *transition_sentence(char *out, size_t size, const struct view_context *context,
                          const struct snapshot_transition *transition, bool returned);

/* "→ vm1 (qemu-system-x86 1234), back 14:09:10 after 5 min 48 s"; "was with vm1 (qemu-system-x86
 * 1234) when watching began, back 14:09:10" */
char *transition_way(char *out, size_t size, const struct view_context *context,
                     const struct snapshot_transition *transition);

/* "vm1 start: 16 GiB in 20.1 s, 4.1 M maps of 4 KiB, 1.3 s inside the IOMMU"; "vm1 end: at least 1
 * GiB asked for in 3.0 s, 262.1 k unmap attempts, 65 of them of 4 KiB" */
char *transition_burst(char *out, size_t size, const struct view_context *context,
                       const struct snapshot_transition *transition);

#endif
