/* The part of Android's log.h that SQLCipher names; for checks without the NDK. */
#pragma once
#include <stdarg.h>

enum { ANDROID_LOG_DEBUG = 3 };

int __android_log_write(int priority, const char *tag, const char *text);
int __android_log_print(int priority, const char *tag, const char *format, ...);
int __android_log_vprint(int priority, const char *tag, const char *format, va_list arguments);
