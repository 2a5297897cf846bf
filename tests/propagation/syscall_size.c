// A program of a size of our choosing, in memory.
static volatile char room[KIBIBYTES << 10];
int main(void) { return room[0]; }
