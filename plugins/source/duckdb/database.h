/* Databases in memory, shared by the tables that read one folder within the same limits: making one costs more than
 * reading a small file does. */
#ifndef TARAZU_SOURCE_DUCKDB_DATABASE_H
#define TARAZU_SOURCE_DUCKDB_DATABASE_H

#include "../../shared/duckdb.h"

/* It lives as long as somebody keeps it. Any thread may call. */
typedef struct database database;

/* Opens a session of its own on the database of these limits, which is made where there is none yet; the session has
 * the exact functions. *out is kept by the caller, also after an error, and may be NULL then. */
tarazu_status database_open(database **out, duck_session *session, const duck_api *api, const duck_limits *limits,
                            tarazu_error *error);
database *database_keep(database *kept); /* once more */
void database_leave(database *kept);     /* after its sessions are closed; NULL is fine */

#endif
