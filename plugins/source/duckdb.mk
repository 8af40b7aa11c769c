CFLAGS_source_duckdb := -isystem $(DUCKDB_DIR) -pthread
LIBS_source_duckdb := -ldl -pthread
