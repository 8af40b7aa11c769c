/* Built for a later major version of the ABI, whose descriptor this host knows nothing of. */
extern const int tarazu_plugin_v2;
__attribute__((visibility("default"))) const int tarazu_plugin_v2 = 2;
