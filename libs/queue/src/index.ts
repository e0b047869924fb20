export { batchVersion, decodeBatch, encodeBatch, UnknownPayload } from './batch-codec.ts';
export { type ExecuteSql, migrateDurableLane } from './boss.ts';
export { createDurableLane, type DurableLane } from './durable-lane.ts';
export { startDurableLaneConsumer } from './durable-lane-consumer.ts';
export { createFastLane, type FastLane } from './fast-lane.ts';
export { type Consumer, startFastLaneConsumer } from './fast-lane-consumer.ts';
export { createGroupCommit, type GroupCommit, GroupCommitFull } from './group-commit.ts';
export { type BuriedJob, type Delivery, type JobHandlers, Unprocessable } from './handle-job.ts';
export {
  type LaneContents,
  measureBacklog,
  measureDurableBacklog,
  readDurableLane,
  readFastLane,
} from './lane-contents.ts';
export { durableLaneName, fastLaneName, jobIdOf, lanePrefix, readJobId } from './names.ts';
export { createSpillLane, type SpillLane } from './spill-lane.ts';
