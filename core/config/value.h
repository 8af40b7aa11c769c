/* Nodes to typed values. Each function returns 1, or adds a problem (status EXIT_PROFILE, at the node's place: what was
 * found, what was expected) and returns 0. `what` names the setting in messages: "limit", "criteria.rfm.params.bins".
 */
#ifndef TARAZU_CONFIG_VALUE_H
#define TARAZU_CONFIG_VALUE_H

#include "config/yaml.h"
#include <stdint.h>

/* Both bounds inclusive; least == most == 0: unbounded. Numbers and switches are plain: in quotes they are text. */
int value_real(const node *node, const char *what, double least, double most, problems *problems, double *out);
int value_integer(const node *node, const char *what, int64_t least, int64_t most, problems *problems, int64_t *out);
int value_switch(const node *node, const char *what, problems *problems,
                 int *out); /* true, false, yes, no, on, off, in any case */
int value_string(const node *node, const char *what, problems *problems, const char **out); /* any scalar but null */
int value_choice(const node *node, const char *what, const char *const *choices, problems *problems,
                 int *out); /* NULL-terminated */
int value_proportion(const node *node, const char *what, double least, double most, problems *problems,
                     double *out); /* 12% or 0.12 */
/* Days. "90 days", "1 day", "52 weeks", "6 hours", "30 seconds", "10 years" (365.25 days), "3 months" (a twelfth of a
 * year); a bare number is an error that asks for the unit, but 0. */
int value_duration(const node *node, const char *what, double least, double most, problems *problems, double *out);
int value_date(const node *node, const char *what, const void *zone, problems *problems,
               int64_t *out); /* a moment; civil ones in the zone */

int value_is_null(const node *node); /* absent, empty, ~ or null, unquoted */

/* The same from plain text, for defaults in declarations: 1, or 0 with a reason in `why`. */
int value_parse_duration(const char *text, double *days, const char **why);
int value_parse_proportion(const char *text, double *out, const char **why);
/* 512M, 2G, 64KiB: powers of 1024. 0: it is none. */
int value_parse_bytes(const char *text, int64_t *out);
int value_parse_real(const char *text, double *out);
int value_parse_integer(const char *text, int64_t *out);

/* Checks that a node is a map and tells every key that is none of `known` (NULL-terminated), with the nearest. */
int value_keys(const node *map, const char *what, const char *const *known, problems *problems);
/* "text 'abc'", "a list", "a map", "nothing": for messages. In the arena-less buffer. */
const char *value_found(const node *node, char buffer[80]);

#endif
