namespace RestKv.LoadGen;

/// <summary>A connection on which one or more watches are read. Owned by the thread that reads it.</summary>
internal interface IWatchLink : IDisposable
{
    nint Handle { get; }

    /// <summary>Watches of which the server has said its first words: events from now on are delivered.</summary>
    int Opened { get; }

    /// <summary>Watches the server has ended, which it should not, while it kept the connection.</summary>
    int Ended { get; }

    int Watches { get; }

    /// <returns>Bytes read; 0 when the server has closed, less when there was nothing.</returns>
    int Read(byte[] buffer, Action<int> onMark);
}
