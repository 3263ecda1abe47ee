/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IOMMUTOP_LOG_JOURNAL_H
#define IOMMUTOP_LOG_JOURNAL_H

#include "log_line.h"

/* A line of journalctl -o json; systemd.journal-fields(7). One of KERNEL, FOREIGN, UNREADABLE. */
enum log_line_kind log_journal_read(const char *line, struct kmsg_record *record,
                                    struct log_stamp *stamp);

#endif
