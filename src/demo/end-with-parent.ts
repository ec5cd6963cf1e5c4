// Loaded into every process of the demo: when the process that started it is gone, however that ended, so is it.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
