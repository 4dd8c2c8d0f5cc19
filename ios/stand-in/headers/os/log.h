/* The part of Apple's log.h that SQLCipher names; for checks without Xcode. */
#pragma once

typedef const struct os_log_s *os_log_t;

void tacit_check_log(os_log_t log, const char *format, ...);

#define OS_LOG_DEFAULT ((os_log_t)0)
#define os_log(log, format, ...) tacit_check_log(log, format, __VA_ARGS__)
