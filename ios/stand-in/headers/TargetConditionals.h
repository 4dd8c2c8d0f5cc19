/* Stands before the header of the same name that wants a newer compiler than Debian's; what depends on
   the operating system is defined on the command line. For checks without Xcode. */
#pragma once
#define TARGET_CPU_ARM64 1
#define TARGET_RT_LITTLE_ENDIAN 1
#define TARGET_RT_64_BIT 1
#define TARGET_RT_MAC_MACHO 1
