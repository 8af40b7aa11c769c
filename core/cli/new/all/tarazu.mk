# Finds tarazu: where pkg-config knows it, else the one on PATH; or as said by `make TARAZU=FOLDER`, a prefix that it is
# installed under or a checkout that it is built in. Sets tarazu, its command; plugins, the folder of its plugins; flags.
ifeq ($(origin TARAZU),undefined)
TARAZU := $(or $(shell pkg-config --variable=prefix tarazu 2>/dev/null),$(shell command -v tarazu))
flags := $(shell pkg-config --cflags tarazu 2>/dev/null)
endif
tarazu := $(realpath $(shell for at in '$(TARAZU)' '$(TARAZU)/tarazu' '$(TARAZU)/bin/tarazu' '$(TARAZU)/build/tarazu'; do \
  if [ -f "$$at" ] && [ -x "$$at" ]; then echo "$$at"; break; fi; done))
beside := $(patsubst %/,%,$(dir $(tarazu)))
plugins := $(firstword $(wildcard $(beside)/plugins) $(abspath $(beside)/../lib/tarazu/plugins))
ifeq ($(flags),)
flags := -I$(abspath $(beside)/../include) -ffp-contract=off
endif

ifneq ($(MAKECMDGOALS),clean)
ifeq ($(if $(tarazu),$(wildcard $(beside)/../include/tarazu/plugin.h)),)
define missing
tarazu is not found$(if $(TARAZU), in $(TARAZU)). Say where it is:
  make TARAZU=FOLDER                         a prefix that it is installed under, or its checkout once it is built
  PKG_CONFIG_PATH=PREFIX/lib/pkgconfig make  as pkg-config would find it
  PATH=PREFIX/bin:$$PATH make                 as the shell would find it

endef
$(error $(missing))
endif
endif
