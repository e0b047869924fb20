import type { CountChanges, SubjectCount } from '@event-tracker/domain';
import { plainArray, textArray } from '../arrays.ts';
import { statement } from '../sql.ts';
import type { Send } from '../transaction.ts';

const addToStatistics = statement('add-to-statistics');
const addToSubjectCounts = statement('add-to-subject-counts');

type SubjectCountRow = Omit<SubjectCount, 'eventType'> & { event_type: SubjectCount['eventType'] };

/** Adds to the counts; answers the absolute counts of the subjects that were touched. */
export async function addCounts(send: Send, { fine, subjects }: CountChanges): Promise<SubjectCount[]> {
  if (subjects.length === 0) return [];
  void send(addToStatistics, [
    plainArray(fine.map((row) => row.minute)),
    plainArray(fine.map((row) => row.eventType)),
    plainArray(fine.map((row) => row.componentId)),
    textArray(fine.map((row) => row.keyword)),
    plainArray(fine.map((row) => row.postId)),
    plainArray(fine.map((row) => row.count)),
  ]);
  const rows = await send<SubjectCountRow>(addToSubjectCounts, [
    plainArray(subjects.map((row) => row.grain)),
    plainArray(subjects.map((row) => row.bucket)),
    plainArray(subjects.map((row) => row.eventType)),
    textArray(subjects.map((row) => row.subject)),
    plainArray(subjects.map((row) => row.count)),
  ]);
  return rows.map(({ event_type: eventType, ...row }) => ({ ...row, eventType }));
}
