export { batchVersion, decodeBatch, encodeBatch, UnknownPayload } from './batch-codec.ts';
export { createFastLane, type FastLane } from './fast-lane.ts';
export { type Consumer, startFastLaneConsumer } from './fast-lane-consumer.ts';
export { createGroupCommit, type GroupCommit, GroupCommitFull } from './group-commit.ts';
export { type LaneContents, measureBacklog, readFastLane } from './lane-contents.ts';
export { fastLaneName, jobIdOf, lanePrefix, readJobId } from './names.ts';
