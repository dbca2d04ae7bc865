// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "expr/value.h"

/* The next string of the second part. */
static bool string_read(const struct value *v, const char *data, size_t size, size_t *at,
			struct value_read *out)
{
	int32_t n;

	memcpy(&n, data + v->offset, sizeof(n));
	if (n <= 0) {
		out->fault |= n < 0;
		return true;
	}
	if ((uint32_t)n > v->size || size - *at < (uint32_t)n)
		return false;
	out->bytes = data + *at;
	out->size = n - 1;
	out->cut = (uint32_t)n == v->size;
	*at += n;
	return true;
}

/* Bytes of its fixed part. */
static uint32_t value_size(const struct value *v)
{
	return v->kind == VALUE_INTEGER ? 8 : v->kind == VALUE_STRING ? 4 : v->size;
}

bool values_read(const struct value *values, size_t count, const void *data, size_t size,
		 struct value_read *out)
{
	size_t at = 8;
	uint64_t faults;

	if (size < at)
		return false;
	memcpy(&faults, data, sizeof(faults));
	for (size_t i = 0; i < count; i++) {
		uint32_t end = values[i].offset + value_size(&values[i]);

		if (values[i].kind != VALUE_LITERAL && end > at)
			at = end;
	}
	at = (at + 7) & ~(size_t)7;
	if (size < at)
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct value *v = &values[i];
		const char *place = (const char *)data + v->offset;

		out[i] = (struct value_read){ .fault = faults >> i & 1 };
		if (v->kind == VALUE_LITERAL) {
			out[i].bytes = v->text;
			out[i].size = v->size;
		} else if (v->kind == VALUE_INTEGER) {
			memcpy(&out[i].integer, place, 8);
		} else if (v->kind == VALUE_BYTES) {
			out[i].bytes = place;
			out[i].size = v->size;
		} else if (!string_read(v, data, size, &at, &out[i])) {
			return false;
		}
		if (out[i].fault)
			out[i] = (struct value_read){ .fault = true };
	}
	return true;
}
