import { test } from 'uvu';
import { seeds } from './seeds.ts';

seeds(17, 33); // in three files, so that they share the processors
test.run();
