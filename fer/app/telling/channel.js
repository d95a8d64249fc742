// The app's messages, as soon as there are any. A connection that breaks is tried again, ever more slowly.
function openChannel(name, receive) {
  let socket = null, wait = 250, ended = false;
  const connect = () => {
    const place = new URL(`faces/${name}`, document.baseURI);
    place.protocol = place.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(place);
    socket.onopen = () => { wait = 250; };
    socket.onmessage = (event) => receive(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (ended || event.code === 4404) return;
      setTimeout(() => { if (!ended) connect(); }, wait);
      wait = Math.min(8000, 2 * wait);
    };
  };
  connect();
  return {
    send: (word) => { if (socket.readyState === WebSocket.OPEN) socket.send(word); },
    close: () => { ended = true; socket.close(); },
  };
}
