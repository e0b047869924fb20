export { type Batch, describeEvents, withoutRepeats } from './batch.ts';
export { batchMadeAt, idMadeAt, isTooOld } from './batch-age.ts';
export { type CountChange, changesOf, type LikeChange, type ShardChanges } from './changes.ts';
export { type Checked, checkFields } from './events/check-fields.ts';
export { eventBytes, eventsBytes } from './events/event-bytes.ts';
export {
  type FieldError,
  firstErrors,
  shortName,
  unknownFieldErrors,
} from './events/field-errors.ts';
export { id, sentAt } from './events/fields.ts';
export { keywordText } from './events/keyword-text.ts';
export { listOf } from './events/list-of.ts';
export { moment, readMoment } from './events/moment.ts';
export { normaliseKeyword } from './events/normalise-keyword.ts';
export { maximumBehindMs, type ParseContext, type ParsedEvent, parseEvent } from './events/parse-event.ts';
export { type EventType, eventTypes, isEventType, readEventType, strategies } from './events/registry.ts';
export type { Effect, EventStrategy, SubjectKind } from './events/strategy.ts';
export { textWithin } from './events/text.ts';
export type { JsonObject, TrackedEvent } from './events/tracked-event.ts';
export { type DecidedLikes, decideLikes, type LikeWish, sessionOf } from './like-wishes.ts';
export {
  compareStamps,
  type LikeState,
  likeEffect,
  likePair,
} from './likes.ts';
export { type EventLane, LaneUnavailable } from './ports.ts';
export { type NewPost, newPost, type PopularWindow, popularSince, popularWindows } from './posts.ts';
export {
  type RecentKeyword,
  recentKeywordLifeMs,
  recentKeywordLimit,
  recentKeywords,
} from './recent-keywords.ts';
export { shardOf } from './shard.ts';
export { idSubject, subjectId, subjectOf, tieOrder } from './subject.ts';
export type { SubjectCount } from './subject-count.ts';
export { bucketStart, type Grain, grains } from './time.ts';
export { type Point, pointsIn, seriesPoints, seriesPointsMax, seriesSpan } from './time-series.ts';
export {
  bucketsOf,
  type LiveWindow,
  liveWindows,
  longestLiveWindowMs,
  type Span,
  type StatisticsWindow,
  statisticsWindows,
  windowBounds,
  windowSpans,
} from './windows.ts';
export { addTypeCounts, noCounts, readBeat, type TypeCounts, type WorkerBeat } from './worker-beat.ts';
