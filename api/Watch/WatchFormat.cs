namespace RestKv.Api.Watch;

/// <summary>How a stream is written.</summary>
internal enum WatchFormat : byte
{
    /// <summary>Server-sent events (WHATWG HTML, section 9.2).</summary>
    EventStream = 0,

    /// <summary>One JSON object a line, with the event's name as member `event`.</summary>
    JsonLines = 1,
}

/// <summary>Why a stream ends while the client would go on.</summary>
internal enum WatchClosing : byte
{
    None = 0,
    SlowConsumer = 1,
    Shutdown = 2,
    LeaderLost = 3,
    MaxLife = 4,

    /// <summary>The member was outvoted in a comparison of states: what it would send may be wrong. Any other member goes on.</summary>
    Diverged = 5,

    /// <summary>What was shown at the opening is over: log in and come back.</summary>
    AuthExpired = 6,

    /// <summary>The right to read some of the keys was taken away.</summary>
    Forbidden = 7,
}
