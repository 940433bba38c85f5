namespace RestKv.LoadGen;

/// <summary>Takes the next piece of a stream's payload, wherever the network cut it.</summary>
internal delegate void PayloadTaker(ReadOnlySpan<byte> payload);
