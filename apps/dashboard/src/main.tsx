import { render } from 'preact';

render(<h1>Event Tracker</h1>, document.querySelector('#app')!);
