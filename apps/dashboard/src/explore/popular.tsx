import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { access, ask } from '../shell/api.ts';
import { messages, number } from '../shell/preferences.ts';

const windows = ['1h', '24h', '7d', '30d', 'all'] as const;
const refreshMs = 30_000;

interface Popular {
  postId: number;
  content: string;
  hashtags: string[];
  windowLikes: number;
}

/** Posts with the most likes that stand; the ranking may be a minute old, so it is asked for now and then. */
export function PopularPosts() {
  const t = messages.value;
  const window = useSignal<(typeof windows)[number]>('24h');
  const posts = useSignal<Popular[] | undefined>(undefined);
  const failure = useSignal('');
  const chosen = window.value;
  const withAccess = access.value;

  useEffect(() => {
    let current = true;
    const read = () =>
      ask<{ posts: Popular[] }>('api/posts/popular', { window: chosen, limit: '10' }).then(
        (answer) => {
          if (!current) return;
          posts.value = answer.posts;
          failure.value = '';
        },
        () => {
          if (current) failure.value = messages.peek().away;
        },
      );
    void read();
    const timer = setInterval(() => void read(), refreshMs);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [chosen, withAccess]);

  return (
    <section class="card full" aria-labelledby="popular">
      <div class="card-head">
        <h2 id="popular">{t.popular}</h2>
        <label>
          <span class="unseen">{t.window}</span>
          <select
            value={chosen}
            onChange={({ currentTarget }) => (window.value = currentTarget.value as typeof chosen)}
          >
            {windows.map((one) => (
              <option key={one} value={one}>
                {t.windows[one]}
              </option>
            ))}
          </select>
        </label>
      </div>
      {failure.value && <p class="failure">{failure.value}</p>}
      {posts.value?.length === 0 && <p class="empty">{t.noPosts}</p>}
      <ol class="posts">
        {posts.value?.map((post) => (
          <li key={post.postId}>
            <span class="excerpt">{post.content}</span>
            <small>
              #{post.postId} {post.hashtags.map((tag) => `#${tag}`).join(' ')}
            </small>
            <b class="number">
              {number.value.format(post.windowLikes)} <small>{t.likes}</small>
            </b>
          </li>
        ))}
      </ol>
    </section>
  );
}
