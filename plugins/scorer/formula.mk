# LuaJIT, asked for when it is needed: `make deps` may have brought it a moment ago.
CFLAGS_scorer_formula = $(shell pkg-config --cflags luajit)
LIBS_scorer_formula = $(shell pkg-config --libs luajit)
