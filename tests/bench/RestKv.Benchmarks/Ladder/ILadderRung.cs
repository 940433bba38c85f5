namespace RestKv.Benchmarks.Ladder;

/// <summary>One layer of the write path with everything below it. Each rung does more than the one under it.</summary>
internal interface ILadderRung : IAsyncDisposable
{
    /// <summary>Work that the product does ahead of need, beside the write path.</summary>
    void Prepare();

    /// <summary>Makes so many puts durable, so many of them waiting at a time.</summary>
    Task PutAsync(int puts, int callers);

    /// <summary>Puts that this rung can show to be there; asked last.</summary>
    Task<long> CountAsync();
}
