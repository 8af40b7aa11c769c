/* What is found by looking at a CSV file itself: its dialect, its header, and the line at which it is none. */
#ifndef TARAZU_SOURCE_DUCKDB_CSV_H
#define TARAZU_SOURCE_DUCKDB_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <tarazu/plugin.h>

/* name: as messages call the file. *delimiter is found where it is 0. strict: what RFC 4180 does not allow is an error.
 * An error where the header names two columns alike, or the file's beginning is no text in UTF-8. */
tarazu_status csv_look(const char *path, const char *name, char *delimiter, bool *strict, tarazu_error *error);

/* Reads a file that could not be read: writes what is wrong with it first, with its line, and returns true; false: it
 * looks well. */
bool csv_fault(const char *path, const char *name, char delimiter, char *message, size_t size);

#endif
