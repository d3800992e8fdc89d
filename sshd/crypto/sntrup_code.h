/* How sntrup761 spells polynomials as bytes (NTRU Prime, round 3, sections 3.2 to 3.5). */
#pragma once

#include "sshd/crypto/sntrup_poly.h"

#define SNTRUP_SMALL_BYTES   191u  /* four coefficients of -1, 0, 1 in a byte */
#define SNTRUP_RQ_BYTES      1158u /* coefficients modulo q */
#define SNTRUP_ROUNDED_BYTES 1007u /* the same, all of them multiples of 3 */

void sntrup_small_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_SMALL_BYTES]);
void sntrup_small_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_SMALL_BYTES]);

void sntrup_rq_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_RQ_BYTES]);
void sntrup_rounded_encode(const struct sntrup_poly *f, uint8_t bytes[static SNTRUP_ROUNDED_BYTES]);

/*
 * For public bytes only: the time depends on them. Bytes that no encoding gives are reduced to
 * some polynomial, as the document has it.
 */
void sntrup_rq_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_RQ_BYTES]);
void sntrup_rounded_decode(struct sntrup_poly *f, const uint8_t bytes[static SNTRUP_ROUNDED_BYTES]);
