/* A shared object that exports nothing of tarazu's. */
extern const int not_tarazu;
__attribute__((visibility("default"))) const int not_tarazu = 1;
