/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libsodium's utils.c that its Ed25519 calls. The rest of that file guards pages
   and draws random numbers, and would bring half of the library. */
#include <windows.h>

#include "sodium/utils.h"

void sodium_memzero(void* const bytes, const size_t size) { SecureZeroMemory(bytes, size); }

/* 0 when they are equal; takes as long when they are not. */
int sodium_memcmp(const void* const a, const void* const b, size_t size) {
  const volatile unsigned char* const left = a;
  const volatile unsigned char* const right = b;
  unsigned char difference = 0;
  for (size_t i = 0; i < size; ++i) difference |= left[i] ^ right[i];
  return (1 & ((difference - 1) >> 8)) - 1;
}

/* 1 when every byte is zero. */
int sodium_is_zero(const unsigned char* bytes, const size_t size) {
  unsigned char any = 0;
  for (size_t i = 0; i < size; ++i) any |= bytes[i];
  return 1 & ((any - 1) >> 8);
}
