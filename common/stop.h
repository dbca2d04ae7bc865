/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * stop: when to end. SIGINT, SIGTERM and SIGHUP, the end of --duration, --max-events, the
 * reader of stdout going away (EPIPE; SIGPIPE is ignored) and the end of "-- CMD" all lead to
 * the same place: what waits is shown, losses are reported, status 0.
 *
 * The signals are blocked but for the time that stop_wait() sleeps, so none comes between a
 * check and the sleep after it.
 * Errors: none.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct epoll_event;

/* Installs the handlers, before anything that takes time. duration in seconds, max_events in
 * rows; 0: no limit. */
void stop_start(double duration, uint64_t max_events);

/* The probes are attached: the clock of --duration starts. */
void stop_attached(void);

/* A row has been shown: counts towards --max-events. */
void stop_shown(void);

/* --max-events rows have been shown: what waits is not to be. */
bool stop_full(void);

void stop_now(void);
bool stop_wanted(void);

/* The same, after letting signals through: for work that takes long before the first wait. */
bool stop_check(void);

/* epoll_wait() for at most timeout milliseconds, or until the deadline or a signal. */
int stop_wait(int epoll, struct epoll_event *events, int count, int timeout);

/* In a child, before it executes something else: signals as they were. */
void stop_child(void);
