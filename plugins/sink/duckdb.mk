CFLAGS_sink_duckdb := -isystem $(DUCKDB_DIR) -pthread
LIBS_sink_duckdb := -ldl -pthread
