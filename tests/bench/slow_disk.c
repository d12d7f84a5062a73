// A disk that takes its time to confirm: preloaded, it makes every fdatasync and fsync of a process take MS milliseconds longer.
// The figures of a receiver that waits for the disk say more about the disk than about the receiver; with this they
// are those of the same disk on every machine.
//
//   cc -shared -fPIC -O2 -DMS=5 slow_disk.c -o slow_disk.so && LD_PRELOAD=$PWD/slow_disk.so PROGRAM

#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static int slowly(const char *name, int file) {
    struct timespec pause = {0, MS * 1000000L};
    nanosleep(&pause, 0);
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}

int fdatasync(int file) { return slowly("fdatasync", file); }
int fsync(int file) { return slowly("fsync", file); }
