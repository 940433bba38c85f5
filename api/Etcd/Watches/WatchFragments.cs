using RestKv.Api.Etcd.Messages;

namespace RestKv.Api.Etcd.Watches;

/// <summary>Cuts an answer with more bytes than a message should have. Every part but the last says that another one follows.</summary>
internal static class WatchFragments
{
    public static IEnumerable<WatchResponse> Of(WatchResponse whole, long bytesMax)
    {
        if (whole.CalculateSize() <= bytesMax)
        {
            yield return whole;
            yield break;
        }

        var part = Like(whole);
        long size = part.CalculateSize();
        foreach (var one in whole.Events)
        {
            // With its tag and its length.
            var needed = one.CalculateSize() + 1 + Google.Protobuf.CodedOutputStream.ComputeLengthSize(one.CalculateSize());
            if (part.Events.Count > 0 && size + needed > bytesMax)
            {
                part.Fragment = true;
                yield return part;
                part = Like(whole);
                size = part.CalculateSize();
            }

            part.Events.Add(one);
            size += needed;
        }

        yield return part;
    }

    private static WatchResponse Like(WatchResponse whole) => new() { Header = whole.Header, WatchId = whole.WatchId };
}
