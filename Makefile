# Saya's commands. Each installs what it is missing; PORT=9000 serves elsewhere than at 8080.
#     make serve   build the release page and serve it
#     make dev     the same with a quick build, rebuilt and reloaded whenever a file is saved
#     make test    everything that CI checks
#     make size    what the page weighs at its first load

.PHONY: serve dev test size
serve dev test:
	@scripts/$@
size:
	@scripts/setup page && scripts/build && node scripts/size.mjs
