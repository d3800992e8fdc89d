/*
 * Stands in for libFuzzer: runs a target over every file of its seed folder, the empty input, and some simple
 * mutations of each seed, so that `make check` replays what was ever found.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SEED_LIMIT (1u << 20)

/* A copy of exactly `size` bytes, so that the sanitizers see every read past its end. */
static void run_exact(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (copy == NULL)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

/* Truncations and single-byte changes: cheap, and they hit the length checks. */
static void run_mutations(uint8_t *data, size_t size)
{
	size_t step = size > 512 ? size / 256 : 1;

	for (size_t i = 0; i < size; i += step) {
		uint8_t saved = data[i];

		run_exact(data, i);
		data[i] = (uint8_t)(saved ^ 0xff);
		run_exact(data, size);
		data[i] = (uint8_t)(saved + 1);
		run_exact(data, size);
		data[i] = saved;
	}
}

static void run_file(int dir, const char *name)
{
	static uint8_t data[SEED_LIMIT];
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0) {
		perror(name);
		exit(1);
	}
	size = read(fd, data, sizeof(data));
	close(fd);
	if (size < 0) {
		perror(name);
		exit(1);
	}
	run_exact(data, (size_t)size);
	run_mutations(data, (size_t)size);
}

int main(int argc, char **argv)
{
	const char *seeds = getenv("SEEDS");
	const char *base = strrchr(argv[0], '/');
	char path[4096];
	unsigned count = 0;
	DIR *folder;

	base = base ? base + 1 : argv[0];
	if (argc > 1)
		snprintf(path, sizeof(path), "%s", argv[1]);
	else
		snprintf(path, sizeof(path), "%s/%.*s", seeds ? seeds : "tests/seeds", (int)strcspn(base, "."), base);
	run_exact((const uint8_t *)"", 0);
	folder = opendir(path);
	if (folder == NULL) {
		fprintf(stderr, "no seeds at %s\n", path);
		return 1;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		run_file(dirfd(folder), entry->d_name);
		count++;
	}
	closedir(folder);
	printf("%s: %u seeds replayed\n", base, count);
	return count > 0 ? 0 : 1;
}
