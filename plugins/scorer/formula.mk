# LuaJIT, asked for when it is needed: `make deps` may have brought it a moment ago.
LIBS_scorer_formula = $(shell pkg-config --libs luajit)
