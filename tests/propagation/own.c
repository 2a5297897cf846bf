int own_preload;
