import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import { Explore } from './explore/explore.tsx';
import { PopularPosts } from './explore/popular.tsx';
import { FirstEvent } from './live/first-event.tsx';
import { Live } from './live/live.tsx';
import { startStream } from './live/stream.ts';
import { Operators } from './operators/operators.tsx';
import { Header } from './shell/header.tsx';
import { KeyDialog } from './shell/key-dialog.tsx';
import { messages } from './shell/preferences.ts';
import { followSignInLinks } from './shell/sign-in-link.ts';

function Page() {
  return (
    <>
      <a class="skip" href="#main">
        {messages.value.skip}
      </a>
      <Header />
      <main id="main">
        <FirstEvent />
        <Live />
        <Explore />
        <PopularPosts />
        <Operators />
      </main>
      <KeyDialog />
    </>
  );
}

// First, so that nothing is asked for without the cookie.
await followSignInLinks();
render(<Page />, document.querySelector('#app')!);
startStream();
